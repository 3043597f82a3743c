using System.Reflection;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;

namespace CloudStore.Api.Http;

/// <summary>Typed answers that carry a record's entity tag.</summary>
public static class Answers
{
    /// <summary>201 with <c>Location</c> and <c>ETag</c>.</summary>
    public static Created<T> Created<T>(HttpContext http, T value, string location, long revision)
    {
        http.Response.Headers.ETag = ETag.Of(revision);
        return TypedResults.Created(location, value);
    }

    /// <summary>200 with <c>ETag</c>; for the answer of a change.</summary>
    public static Ok<T> Ok<T>(HttpContext http, T value, long revision)
    {
        http.Response.Headers.ETag = ETag.Of(revision);
        return TypedResults.Ok(value);
    }

    /// <summary>200 with <c>ETag</c>, or 304 where <c>If-None-Match</c> names it; for the answer of a GET.</summary>
    public static Results<Ok<T>, NotModified> Read<T>(HttpContext http, T value, long revision)
    {
        var tag = ETag.Of(revision);
        http.Response.Headers.ETag = tag;
        return ETag.IsUnchanged(http.Request, tag) ? NotModified.Instance : TypedResults.Ok(value);
    }

    /// <summary>The same page with its records as callers see them.</summary>
    public static Page<TView> Map<T, TView>(this Page<T> page, Func<T, TView> view)
    {
        var items = new TView[page.Items.Count];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = view(page.Items[i]);
        }

        return new Page<TView>(items, page.NextCursor, page.Count);
    }
}

/// <summary>304: the caller has it already.</summary>
public sealed class NotModified : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    public static readonly NotModified Instance = new();

    private NotModified()
    {
    }

    /// <inheritdoc/>
    public int? StatusCode => StatusCodes.Status304NotModified;

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified, typeof(void)));
}
