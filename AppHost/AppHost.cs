// Who runs with whom, with Aspire: `dotnet run --project AppHost` starts all of it on this machine, `azd up` and `aspire deploy` on Azure.
var builder = DistributedApplication.CreateBuilder(args);

builder.AddAzureContainerAppEnvironment("env");

// The stores: containers here, managed services on Azure. The tag comes before the volume, because where Postgres keeps its data depends on it.
var postgres = builder.AddAzurePostgresFlexibleServer("postgres")
    .WithPasswordAuthentication()
    .RunAsContainer(container => container.WithImageTag("17").WithDataVolume());
var records = postgres.AddDatabase("records");

var cache = builder.AddAzureManagedRedis("cache").WithAccessKeyAuthentication().RunAsContainer();

var series = builder.AddMongoDB("mongo").WithDataVolume().AddDatabase("series-mongo");

var files = builder.AddAzureStorage("storage-account")
    .RunAsEmulator(emulator => emulator.WithDataVolume())
    .AddBlobs("files");

// Wraps the tenants' data keys. 43 letters and digits carry 256 bits; it is made once and kept in the user's secrets.
var masterKey = builder.AddParameter("master-key", new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true, persist: true);

// The keeper migrates the stores, then looks after them. The others wait for it, and so for the stores.
var storage = OnStores(builder.AddProject<Projects.Storage>("storage", launchProfileName: null))
    .WaitFor(records).WaitFor(cache).WaitFor(series).WaitFor(files)
    .WithHttpCommand("/operations/migrate", "Migrate", commandOptions: new() { Method = HttpMethod.Post, IconName = "DatabaseArrowUp" })
    .WithHttpCommand("/health", "Health", commandOptions: new() { Method = HttpMethod.Get, IconName = "HeartPulse" });

if (builder.Configuration["Access:BootstrapKey"] is { Length: > 0 } bootstrapKey)
{
    storage.WithEnvironment("Access__BootstrapKey", bootstrapKey);
}

OnStores(builder.AddProject<Projects.Api>("api", launchProfileName: null))
    .WithExternalHttpEndpoints()
    .WaitFor(storage);

OnStores(builder.AddProject<Projects.Ingestion>("ingestion", launchProfileName: null))
    .WithExternalHttpEndpoints()
    .WithReplicas(2)
    .WaitFor(storage);

builder.Build().Run();

// What the three services have in common: HTTP, a health check, all stores, and the key.
IResourceBuilder<ProjectResource> OnStores(IResourceBuilder<ProjectResource> service) => service
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(records).WithReference(cache).WithReference(series).WithReference(files)
    .WithEnvironment("Protection__MasterKey", masterKey);
