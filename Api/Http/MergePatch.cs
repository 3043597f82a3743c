using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CloudStore.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace CloudStore.Api.Http;

/// <summary>
/// A JSON merge patch (RFC 7396) for drafts of type <typeparamref name="T"/>; a parameter of an endpoint that takes <c>application/merge-patch+json</c> or
/// <c>application/json</c>. A member that is null clears the field; one that is absent leaves it.
/// </summary>
public sealed class MergePatch<T> : IEndpointParameterMetadataProvider
    where T : class
{
    public const string ContentType = "application/merge-patch+json";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private readonly JsonObject _patch;
    private readonly JsonTypeInfo<T> _type;

    private MergePatch(JsonObject patch, JsonTypeInfo<T> type)
    {
        _patch = patch;
        _type = type;
    }

    /// <summary>Reads the patch from the request's body.</summary>
    /// <exception cref="ProblemException">The body is not a JSON object.</exception>
    public static async ValueTask<MergePatch<T>?> BindAsync(HttpContext context)
    {
        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        JsonNode? body;
        try
        {
            body = await JsonNode.ParseAsync(context.Request.Body, documentOptions: Strict, cancellationToken: context.RequestAborted);
        }
        catch (JsonException e)
        {
            throw FailureProblems.Explain(e);
        }

        return body is JsonObject patch ? new MergePatch<T>(patch, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T))) : throw ProblemException.ForField(
            ProblemKind.Malformed, "body", "object", "A merge patch is a JSON object with the fields to change.");
    }

    /// <summary>The draft with the patch applied; <paramref name="draft"/> itself stays.</summary>
    /// <exception cref="ProblemException">A field is unknown, or its value not allowed; the problem names it.</exception>
    public T ApplyTo(T draft)
    {
        var target = (JsonObject)JsonSerializer.SerializeToNode(draft, _type)!;
        Merge(target, _patch);
        try
        {
            return target.Deserialize(_type)!;
        }
        catch (JsonException e)
        {
            throw FailureProblems.Explain(e);
        }
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata([ContentType, "application/json"], typeof(T)));

    // Section 2 of the RFC, except that a field set to null stays as a null: a draft's type knows every field, and says which may be null.
    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is JsonObject part && target[name] is JsonObject whole)
            {
                MergeFree(whole, part);
            }
            else
            {
                target[name] = value is JsonObject free ? MergeFree([], free) : value?.DeepClone();
            }
        }
    }

    // Inside a free-form document a null removes the member.
    private static JsonObject MergeFree(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else
            {
                target[name] = value is JsonObject part ? MergeFree(target[name] as JsonObject is { } whole ? (JsonObject)whole.DeepClone() : [], part) : value.DeepClone();
            }
        }

        return target;
    }
}
