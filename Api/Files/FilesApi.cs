using System.Text.Json.Serialization;
using CloudStore.Api.Uploads;
using CloudStore.Storage.Files;
using CloudStore.Storage.Records.Lists;

namespace CloudStore.Api.Files;

/// <summary>Files at the public edge.</summary>
public static class FilesApi
{
    /// <summary>Registers the part's services and JSON types.</summary>
    public static IHostApplicationBuilder AddFilesApi(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<FileIdempotency>();
        builder.Services.AddSingleton<LinkRefusals>();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, FilesJson.Default));
        return builder;
    }

    /// <summary>Maps <c>/v1/files</c>, <c>/v1/uploads</c> and <c>/shared</c>.</summary>
    public static IEndpointRouteBuilder MapFilesApi(this IEndpointRouteBuilder routes)
    {
        routes.MapFiles();
        routes.MapFileContents();
        routes.MapFileAccess();
        routes.MapUploads();
        return routes;
    }
}

/// <summary>Requests and answers, without reflection; the options are the API's.</summary>
[JsonSerializable(typeof(FileView))]
[JsonSerializable(typeof(Page<FileView>))]
[JsonSerializable(typeof(FileChange))]
[JsonSerializable(typeof(VerifyView))]
[JsonSerializable(typeof(GrantDraft))]
[JsonSerializable(typeof(GrantView))]
[JsonSerializable(typeof(IReadOnlyList<GrantView>))]
[JsonSerializable(typeof(GrantView[]))]
[JsonSerializable(typeof(LinkDraft))]
[JsonSerializable(typeof(LinkView))]
[JsonSerializable(typeof(FileStatistics))]
internal sealed partial class FilesJson : JsonSerializerContext;
