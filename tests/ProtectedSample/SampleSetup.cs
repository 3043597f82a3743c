using CloudStore.Storage;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CloudStore.ProtectedSample;

/// <summary>Puts the sample's contexts in the place of the product's, after the records engine was added.</summary>
public static class SampleSetup
{
    public static IHostApplicationBuilder AddSample(this IHostApplicationBuilder builder)
    {
        var records = new RecordsOptions();
        if (builder.Configuration.GetConnectionString(RecordsOptions.ConnectionName) is { Length: > 0 } connection)
        {
            builder.Services.AddDbContextPool<SamplePostgresContext>(o =>
            {
                o.UseNpgsql(connection);
                RecordsSetup.Configure(o, records);
            });
            builder.Services.Replace(ServiceDescriptor.Scoped<StoreContext>(s => RecordsSetup.Use(s, s.GetRequiredService<SamplePostgresContext>())));
            return builder;
        }

        var data = builder.Configuration.GetSection(DataOptions.Section).Get<DataOptions>()!;
        builder.Services.AddDbContextPool<SampleSqliteContext>(o =>
        {
            o.UseSqlite($"Data Source={data.PathOf("records.db")};Default Timeout=30");
            RecordsSetup.Configure(o, records);
        });
        builder.Services.Replace(ServiceDescriptor.Scoped<StoreContext>(s => RecordsSetup.Use(s, s.GetRequiredService<SampleSqliteContext>())));
        return builder;
    }
}
