using System.Text.Json.Serialization;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Campaigns;

/// <summary>What a caller says about a campaign's context.</summary>
/// <param name="Content">A JSON object of up to 64 KiB.</param>
/// <param name="Note">Why there is a new version.</param>
public sealed record ContextDraft([property: JsonConverter(typeof(RawJsonConverter))] string Content, string? Note = null);
