using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CloudStore.Api.Campaigns;
using CloudStore.Api.Retail;
using CloudStore.Api.Voice;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CloudStore.Api.OpenApi;

/// <summary>Properties that hold a JSON document are strings in the code: this says which kind of document they take, with an example.</summary>
internal static class JsonDocumentTransformer
{
    public static Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonPropertyInfo is { AttributeProvider: { } attributes } property
            && attributes.GetCustomAttributes(typeof(JsonConverterAttribute), inherit: false) is [JsonConverterAttribute { ConverterType: { } converter }]
            && converter == typeof(RawJsonConverter))
        {
            var example = JsonNode.Parse(Example(property.Name))!;
            schema.Type = (example is JsonArray ? JsonSchemaType.Array : JsonSchemaType.Object) | (property.IsGetNullable ? JsonSchemaType.Null : 0);
            schema.Items = example is JsonArray ? new OpenApiSchema() : null;
            schema.Examples = [example];
        }

        return Task.CompletedTask;
    }

    private static string Example(string property) => property switch
    {
        "additionalData" => CampaignExamples.Draft.AdditionalData!,
        "insights" => CampaignExamples.AnalysisDraft.Insights!,
        "recommendations" => CampaignExamples.AnalysisDraft.Recommendations!,
        "metrics" => CampaignExamples.AnalysisDraft.Metrics!,
        "content" => CampaignExamples.ContextDraft.Content,
        "metadata" => SaleExamples.Draft.Metadata!,
        "dayOfWeek" => AnalysisExamples.Pattern.DayOfWeek!,
        "month" => AnalysisExamples.Pattern.Month!,
        "notes" => """["No month factors: they need 24 whole months, and there are 11."]""",
        "drivers" => AnalysisExamples.Risk.Drivers,
        "mitigations" => AnalysisExamples.Risk.Mitigations,
        "scope" => AnalysisExamples.Risk.Scope,
        "parameters" => AnalysisExamples.Scenario.Parameters,
        "baseline" => AnalysisExamples.Scenario.Baseline,
        "outcome" => AnalysisExamples.Scenario.Outcome,
        "violations" => AnalysisExamples.Compliance.Violations,
        "evidence" => AnalysisExamples.Insight.Evidence,
        "actions" => AnalysisExamples.Insight.Actions,
        "sources" => CampaignExamples.QueryDraft.Sources!,
        "preferences" => VoiceExamples.ProfileDraft.Preferences!,
        "privacySettings" => VoiceExamples.ProfileDraft.PrivacySettings!,
        "context" => VoiceExamples.SessionDraft.Context!,
        "labels" => VoiceExamples.MetricDraft.Labels!,
        "problem" => """{"type":"/problems/unavailable","title":"A store this request needs is away","status":503,"detail":"The file storage does not answer.","errors":[]}""",
        _ => throw new NotSupportedException($"{property} holds a JSON document and has no example."),
    };
}
