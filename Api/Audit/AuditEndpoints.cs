using System.Text.Json;
using CloudStore.Api.Http;
using CloudStore.Api.OpenApi;
using CloudStore.Storage.Access;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudStore.Api.Audit;

/// <summary><c>/v1/audit</c>: what was done in the caller's tenant, and proofs of it, for operators.</summary>
public static class AuditEndpoints
{
    private const string PlainText = "text/plain; charset=utf-8";

    private const string CheckpointExample = """
        cloudstore/audit/8f3c1a2b
        20852163
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

        — cloudstore/audit/8f3c1a2b jzwaKzBFAiEA...

        """;

    private static readonly AuditView Example = new(new Guid("019bb0f4-7c7d-7a10-9c61-5f7d6a1b2c3d"), 20852163, new DateTime(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc), "k3v9x0q2m7ab",
        "203.0.113.7 curl/8.5.0", AuditAction.Update, "campaigns", new Guid("019bb0f4-1111-7a10-9c61-5f7d6a1b2c3d"), null,
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752", null);

    private static readonly AuditView BatchExample = Example with
    {
        Action = AuditAction.Create, Origin = "worker", Actor = "import", RecordId = null, Items = 10000, Before = null,
        Details = JsonElement.Parse("""{"rows":10000,"inserted":10000,"updated":0,"skipped":0,"rejected":0}"""),
    };

    public static IEndpointRouteBuilder MapAudit(this IEndpointRouteBuilder routes)
    {
        var audit = routes.MapGroup("/v1/audit").RequireRole(Role.Operator).WithTags("Audit");
        audit.MapGet("/", ListAsync).WithName("listAuditEvents").WithSummary("List audit events")
            .WithDescription("Newest first; sortable by sequence. A batch of records is one event with their number and hash.").WithExample(null, new Page<AuditView>([Example, BatchExample], null, null));
        audit.MapGet("/checkpoint", CheckpointAsync).WithName("getAuditCheckpoint").WithSummary("Read the log's newest checkpoint")
            .WithDescription("The size and the root of the Merkle log, signed (c2sp.org/tlog-checkpoint). Keep one where nobody of this installation can change it.")
            .Produces<string>(200, "text/plain").WithExample(null, CheckpointExample);
        audit.MapGet("/vkey", (AuditLogs logs) => TypedResults.Text(logs.Verifier.Vkey + "\n", PlainText)).WithName("getAuditKey").WithSummary("Read the key that checks what the log's key has signed")
            .WithDescription("Name, id and public key, as signed notes have it. Keep it where nobody of this installation can change it.")
            .Produces<string>(200, "text/plain").WithExample(null, "cloudstore/audit/1f2e3d4c+1f2e3d4c+AjBZMBMGByqGSM49...\n");
        audit.MapGet("/{id:guid}/proof", ProveAsync).WithName("proveAuditEvent").WithSummary("Prove that an event is in the log")
            .WithDescription("A proof that can be checked offline with docs/audit_verify.py (c2sp.org/tlog-proof). 404 until the log has taken the event, within a second.")
            .Produces<string>(200, "text/plain").WithExample(null, $"c2sp.org/tlog-proof@v1\nextra eyJhY3Rpb24i...\nindex 20852162\ngSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n\n{CheckpointExample}");
        return routes;
    }

    private static async Task<Ok<Page<AuditView>>> ListAsync(
        [AsParameters] AuditQuery query, [OneOf(typeof(AuditAction), "Exactly this action.")] string? action, [AsParameters] ListQuery list, AuditHistory history, CancellationToken cancellationToken) =>
        TypedResults.Ok((await history.ListAsync(query.ToFilter(action), list.ToPage("audit"), cancellationToken)).Map(AuditView.Of));

    private static async Task<ContentHttpResult> CheckpointAsync(AuditHistory history, CancellationToken cancellationToken) =>
        TypedResults.Text(await history.CheckpointAsync(cancellationToken), PlainText);

    private static async Task<ContentHttpResult> ProveAsync(Guid id, AuditHistory history, CancellationToken cancellationToken) =>
        TypedResults.Text((await history.ProveAsync(id, cancellationToken)).ToString(), PlainText);
}
