namespace CloudStore.Ingestion;

/// <summary>Registers and maps what this service does: it loads queued files and takes streams.</summary>
public static class IngestionSetup
{
    public static IHostApplicationBuilder AddIngestion(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHostedService<ImportWorkers>();
        builder.Services.AddHostedService<PersonJobWorkers>();
        return builder;
    }

    public static WebApplication MapIngestion(this WebApplication app)
    {
        app.MapStreams();
        return app;
    }
}
