using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>Finds the rejected rows of imports that name a person, stored and archived ones. What can no longer be decrypted names nobody.</summary>
/// <param name="context">Without a tenant.</param>
/// <param name="subject">The person, as holds name them.</param>
/// <param name="names">All names the person is known by.</param>
internal sealed class RejectTraces(StoreContext context, string tenant, string subject, IReadOnlyList<string> names)
{
    private const int PageRows = 2000;
    private readonly Mention[] _mentions = [.. names.Select(n => new Mention(n))];
    private readonly ProtectedPlan _plan = ProtectedPlan.For(context, typeof(ImportReject))!;

    /// <exception cref="ProblemException">Of kind conflict: a legal hold covers one of them.</exception>
    public async Task<List<Guid>> FindAsync(CancellationToken cancellationToken)
    {
        var found = new List<Guid>();
        var after = Guid.Empty;
        bool left = context.LeavesSealed;
        // Opened here one by one: one that cannot be opened must not hide the others.
        context.LeavesSealed = true;
        try
        {
            while (true)
            {
                var last = after;
                var page = await context.Set<ImportReject>().IgnoreQueryFilters().AsNoTracking().Where(r => r.Tenant == tenant && r.Id > last).OrderBy(r => r.Id).Take(PageRows).ToListAsync(cancellationToken);
                found.AddRange(page.Where(Names).Select(r => r.Id));
                if (page.Count < PageRows)
                {
                    break;
                }

                after = page[^1].Id;
            }
        }
        finally
        {
            context.LeavesSealed = left;
        }

        await RefuseHeldAsync(found, cancellationToken);
        return found;
    }

    /// <summary>Whether an archived row of the table, as the archive writes it, names the person.</summary>
    public bool IsInArchived(byte[] row)
    {
        using var json = JsonDocument.Parse(row);
        string? Text(string name) => json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return Names(new ImportReject
        {
            Id = ArchiveFile.IdOf(row),
            Tenant = Text("tenant") ?? "",
            Column = Text("column") ?? "",
            Detail = Text("detail") is { } token ? Convert.FromBase64String(token) : null,
            ClearValue = Text("value") ?? "",
            ClearReason = Text("reason") ?? "",
            ClearRaw = Text("raw") ?? "",
        });
    }

    private bool Names(ImportReject reject)
    {
        try
        {
            _plan.Open(context, reject);
            return Array.Exists(_mentions, m => m.IsIn(reject.Raw) || m.IsIn(reject.Value) || m.IsIn(reject.Reason) || m.IsIn(reject.Column));
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    private async Task RefuseHeldAsync(List<Guid> found, CancellationToken cancellationToken)
    {
        const string Table = "import_rejects";
        var now = context.Now();
        var holds = await context.Set<LegalHold>().IgnoreQueryFilters().AsNoTracking()
            .Where(h => h.Tenant == tenant && h.DeletedAt == null && (h.Until == null || h.Until > now) && (h.RecordType == null || h.RecordType == Table) && (h.Subject == null || h.Subject == subject))
            .Select(h => h.RecordId).ToListAsync(cancellationToken);
        if (found.Count(id => holds.Contains(null) || holds.Contains(id)) is > 0 and var held)
        {
            throw new ProblemException(ProblemKind.Conflict, $"{held} rows of {Table} are under a legal hold; nothing was erased. Release the hold first.");
        }
    }
}
