using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Idempotency;
using CloudStore.Storage.Records.Lists;
using CloudStore.Storage.Records.Spooling;
using CloudStore.Storage.Retail.Reading;
using CloudStore.Storage.Retail.Sales;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Retail;

/// <summary><c>/v1/retail/sales</c>: sales one by one, in batches, lists and totals.</summary>
internal static class SaleEndpoints
{
    public static void MapSales(this IEndpointRouteBuilder routes)
    {
        var sales = routes.MapGroup("/v1/retail/sales").WithTags("Retail").RequireRole(Role.Reader);
        sales.MapGet("/", ListAsync).WithName("listSales").WithSummary("List sales")
            .WithDescription("Newest first. Sortable by createdAt, updatedAt, soldAt, productId and quantity; not by prices, which the database cannot read.")
            .WithExample(null, SaleExamples.Page);
        sales.MapPost("/", CreateAsync).RequireRole(Role.Writer).WithSpool().WithName("createSale").WithSummary("Create a sale")
            .WithDescription("Its key is invoice, line, product, store, time and quantity; a sale of that key must not exist. A price above the mrp is stored and flagged; a negative quantity is a return. "
                + "While the database cannot be reached it is kept on disk and answered with 202; Location says what became of it.")
            .WithExample(SaleExamples.Draft, SaleExamples.Sale);
        sales.MapGet("/{id:guid}", GetAsync).WithName("getSale").WithSummary("Read a sale").WithExample(null, SaleExamples.Sale);
        sales.MapPut("/{id:guid}", ReplaceAsync).RequireRole(Role.Writer).WithName("replaceSale").WithSummary("Replace a sale")
            .WithDescription("What the body leaves out is cleared.").WithExample(SaleExamples.Draft, SaleExamples.Sale);
        sales.MapPatch("/{id:guid}", PatchAsync).RequireRole(Role.Writer).WithName("patchSale").WithSummary("Change parts of a sale")
            .WithExample(new SaleDraft { SellingPrice = 99 }, SaleExamples.Sale);
        sales.MapDelete("/{id:guid}", DeleteAsync).RequireRole(Role.Writer).WithName("deleteSale").WithSummary("Delete a sale")
            .WithDescription("The record is kept, out of sight, with when, who and the reason; its key is free again.");
        sales.MapGet("/totals", TotalsAsync).WithName("getSaleTotals").WithSummary("Sum sales up by group")
            .WithDescription("groupBy is product, category, store, day, month or dayOfWeek (1 is Monday). One group for each key and currency; money of two currencies is never added.")
            .WithExample(null, SaleExamples.Totals);
        routes.MapPost("/v1/retail/sales:batch", CreateManyAsync).WithTags("Retail").RequireRole(Role.Writer).WithSpool()
            .WithName("createSales").WithSummary("Create many sales")
            .WithDescription("1 to 10,000 items, as {\"items\": [...]} or as an array; all are stored or none. onConflict says what happens where a sale of an item's key "
                + "exists: reject (the default) refuses the batch, update replaces the stored values, skip leaves them. ids names each item's record, in order.")
            .WithExample(new SaleBatch([SaleExamples.Draft]), SaleExamples.Batch);
    }

    private static async Task<Ok<Page<Sale>>> ListAsync([AsParameters] SaleQuery query, [AsParameters] ListQuery list, SaleService sales, CancellationToken cancellationToken)
    {
        var filter = query.ToFilter();
        return TypedResults.Ok(await sales.ListAsync(filter, list.ToPage(filter.Scope), cancellationToken));
    }

    private static async Task<Results<Created<Sale>, Accepted<SpoolEntryView>>> CreateAsync(SaleDraft draft, SaleService sales, SpoolService spool, HttpContext http, CancellationToken cancellationToken)
    {
        sales.Require(draft);
        var (sale, waiting) = await spool.StoreOrSpoolAsync(SaleSpool.TargetName, ct => sales.CreateAsync(draft, ct), () => new SpooledSales([draft], ConflictMode.Reject).ToBytes(), cancellationToken);
        return waiting is null ? Answers.Created(http, sale!, $"/v1/retail/sales/{sale!.Id}", sale.Revision) : Waiting(waiting);
    }

    private static async Task<Results<Ok<BatchResult>, Accepted<SpoolEntryView>>> CreateManyAsync(
        SaleBatch batch, [OneOf(typeof(ConflictMode), "What happens where a sale of an item's key exists; reject where absent.")] string? onConflict, SaleService sales, SpoolService spool,
        CancellationToken cancellationToken)
    {
        var mode = QueryEnum.Optional<ConflictMode>("onConflict", onConflict) ?? ConflictMode.Reject;
        sales.Require(batch.Items);
        var (stored, waiting) = await spool.StoreOrSpoolAsync(
            SaleSpool.TargetName, ct => sales.CreateManyAsync(batch.Items, mode, ct), () => new SpooledSales(batch.Items, mode).ToBytes(), cancellationToken);
        return waiting is null ? TypedResults.Ok(stored!) : Waiting(waiting);
    }

    private static Accepted<SpoolEntryView> Waiting(SpoolEntryView entry) => TypedResults.Accepted($"/v1/spool/{entry.Id}", entry);

    private static async Task<Results<Ok<Sale>, NotModified>> GetAsync(Guid id, SaleService sales, HttpContext http, CancellationToken cancellationToken)
    {
        var sale = await sales.GetAsync(id, cancellationToken);
        return Answers.Read(http, sale, sale.Revision);
    }

    private static async Task<Ok<Sale>> ReplaceAsync(Guid id, SaleDraft draft, SaleService sales, HttpContext http, CancellationToken cancellationToken)
    {
        var sale = await sales.ReplaceAsync(id, ETag.Expected(http.Request), draft, cancellationToken);
        return Answers.Ok(http, sale, sale.Revision);
    }

    private static async Task<Ok<Sale>> PatchAsync(Guid id, MergePatch<SaleDraft> patch, SaleService sales, HttpContext http, CancellationToken cancellationToken)
    {
        var sale = await sales.PatchAsync(id, ETag.Expected(http.Request), patch.ApplyTo, cancellationToken);
        return Answers.Ok(http, sale, sale.Revision);
    }

    private static async Task<NoContent> DeleteAsync(Guid id, string? reason, SaleService sales, HttpRequest request, CancellationToken cancellationToken)
    {
        await sales.DeleteAsync(id, ETag.Expected(request), reason, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<SaleTotals>> TotalsAsync(
        [OneOf(typeof(TotalsGroup), "What to sum up by; dayOfWeek is 1 for Monday to 7.")] string? groupBy, [AsParameters] SaleQuery query, SaleTotalsReader totals, CancellationToken cancellationToken) =>
        TypedResults.Ok(await totals.SumAsync(query.ToFilter(), QueryEnum.Required<TotalsGroup>("groupBy", groupBy), cancellationToken));
}
