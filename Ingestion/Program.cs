using CloudStore.Ingestion;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage;
using CloudStore.Storage.Access;

var builder = WebApplication.CreateBuilder(HostArguments.Of(args));
builder.AddServiceDefaults();
builder.AddStorage();
builder.AddIngestion();
builder.Services.AddProblems();

var app = builder.Build();
app.MapDefaultEndpoints();
app.UseProblems();
app.UseRouting();
app.UseAccess();
app.MapIngestion();
await app.RunAsync();
