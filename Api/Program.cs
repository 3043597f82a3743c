using CloudStore.Api;
using CloudStore.Storage;

var builder = WebApplication.CreateBuilder(HostArguments.Of(args));
builder.AddServiceDefaults();
builder.AddStorage();
builder.AddApi();

var app = builder.Build();
app.MapApi();
app.MapDefaultEndpoints();
await app.RunAsync();
