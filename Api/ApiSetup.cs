using CloudStore.Api.Audit;
using CloudStore.Api.Cache;
using CloudStore.Api.Cache.Answers;
using CloudStore.Api.Campaigns;
using CloudStore.Api.Exports;
using CloudStore.Api.Files;
using CloudStore.Api.Http;
using CloudStore.Api.Imports;
using CloudStore.Api.Keys;
using CloudStore.Api.Lifecycle;
using CloudStore.Api.Limits;
using CloudStore.Api.OpenApi;
using CloudStore.Api.Protection;
using CloudStore.Api.Retail;
using CloudStore.Api.Spooling;
using CloudStore.Api.Uploads;
using CloudStore.Api.Voice;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Idempotency;
using Microsoft.Extensions.Caching.Hybrid;

namespace CloudStore.Api;

/// <summary>Registers and maps the public edge. Needs the service defaults, the records engine and access keys.</summary>
public static class ApiSetup
{
    public static IHostApplicationBuilder AddApi(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProblems();
        builder.Services.AddIdempotency();
        builder.Services.AddRateLimits();
        builder.Services.AddSingleton<IHybridCacheSerializer<CachedAnswer>, CachedAnswerSerializer>();
        builder.Services.ConfigureHttpJsonOptions(o => ApiJsonOptions.Configure(o.SerializerOptions));
        builder.AddCampaignsApi();
        builder.AddRetailApi();
        builder.AddFilesApi();
        builder.AddVoiceApi();
        builder.AddApiDocument();
        builder.Services.AddScoped<ImportIdempotency>();
        builder.Services.AddHostedService<FirstCall>();
        return builder;
    }

    /// <summary>The order matters: problems answer for all that follows, routing finds the endpoint whose role the access check needs.</summary>
    public static WebApplication MapApi(this WebApplication app)
    {
        app.UseProblems();
        app.UseMiddleware<HeadRequests>();
        app.UseUploadMethods();
        app.UseRouting();
        app.UseApiPages();
        app.UseAccess();
        app.UseRateLimits();
        app.UseMiddleware<AnswerCache>();
        app.UseMiddleware<KnownQuery>();
        app.UseIdempotency();

        app.MapGet("/", () => TypedResults.Redirect("/docs")).AllowNoKey().ExcludeFromDescription();
        app.MapProblems();
        app.MapApiDocument();
        app.MapKeys();
        app.MapProtection();
        app.MapAudit();
        app.MapImports();
        app.MapExports();
        app.MapLifecycle();
        app.MapSpool();
        app.MapCache();
        app.MapCampaignsApi();
        app.MapRetailApi();
        app.MapFilesApi();
        app.MapVoiceApi();
        return app;
    }
}
