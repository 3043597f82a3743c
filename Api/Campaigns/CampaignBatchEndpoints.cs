using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Bulk;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Campaigns;

/// <summary><c>POST /v1/campaigns:batch</c>: up to 10,000 campaigns, all or none.</summary>
internal static class CampaignBatchEndpoints
{
    public static void MapCampaignBatches(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/campaigns:batch", CreateAsync).WithTags("Campaigns").RequireRole(Role.Writer)
            .WithName("createCampaigns").WithSummary("Create many campaigns")
            .WithDescription("1 to 10,000 items, as {\"items\": [...]} or as an array; all are stored or none. onConflict says what happens where a campaign of an item's key "
                + "exists: reject (the default) refuses the batch, update replaces the stored values, skip leaves them. ids names each item's record, in order.")
            .WithExample(new CampaignBatch([CampaignExamples.Draft]), CampaignExamples.Batch);

    private static async Task<Ok<BatchResult>> CreateAsync(
        CampaignBatch batch, [OneOf(typeof(ConflictMode), "What happens where a campaign of an item's key exists; reject where absent.")] string? onConflict, CampaignService campaigns, CancellationToken cancellationToken)
    {
        var mode = QueryEnum.Optional<ConflictMode>("onConflict", onConflict) ?? ConflictMode.Reject;
        return TypedResults.Ok(await campaigns.CreateManyAsync(batch.Items, mode, cancellationToken));
    }
}
