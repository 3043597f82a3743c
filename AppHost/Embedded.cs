using CloudStore.Api;
using CloudStore.Ingestion;
using CloudStore.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;

// The three services in one process, on SQLite and folders below Data:Root, with nothing but the .NET SDK. Connection strings in the environment
// (ConnectionStrings__records, __cache, __files) put real servers in their place.
var builder = WebApplication.CreateBuilder(HostArguments.Of(args));
if (string.IsNullOrEmpty(builder.Configuration["urls"]) && string.IsNullOrEmpty(builder.Configuration["http_ports"]))
{
    builder.WebHost.UseUrls("http://localhost:5080");
}

builder.AddServiceDefaults();
builder.AddStorage();
builder.AddKeeper();
builder.AddIngestion();
builder.AddApi();

var app = builder.Build();
app.MapApi();
app.MapIngestion();
app.MapDefaultEndpoints();
await app.RunAsync();
