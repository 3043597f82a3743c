using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>Persons of one tenant of whom nothing is kept that is older than an instant.</summary>
public sealed record PersonsDue(string Tenant, IReadOnlyList<string> Persons, DateTime Before);

/// <summary>How long what is kept of a person may get where they, or their tenant, have a say. An area registers its own.</summary>
public interface IPersonalRetention
{
    /// <summary>The tables whose rows go. Files of these persons go as well.</summary>
    IReadOnlyList<string> Tables { get; }

    /// <param name="context">Without a tenant.</param>
    IAsyncEnumerable<PersonsDue> DueAsync(StoreContext context, CancellationToken cancellationToken);
}

/// <summary>
/// Removes what persons, or their tenants, do not want kept any longer: without an archive, which would keep it. What a legal hold covers stays. Files are removed by the file keeper.
/// </summary>
/// <param name="context">Without a tenant: it works for all.</param>
public sealed partial class PersonalRetention(StoreContext context, IEnumerable<IPersonalRetention> wishes, ILogger<PersonalRetention> logger)
{
    /// <returns>What was removed, by table.</returns>
    public async Task<IReadOnlyDictionary<string, int>> RunAsync(CancellationToken cancellationToken = default)
    {
        var removed = new Dictionary<string, int>(StringComparer.Ordinal);
        var types = RecordType.All(context.Model).ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach (var wish in wishes)
        {
            await foreach (var due in wish.DueAsync(context, cancellationToken))
            {
                foreach (var table in wish.Tables)
                {
                    removed[table] = removed.GetValueOrDefault(table) + await RemoveAsync(types[table], due, cancellationToken);
                }
            }
        }

        foreach (var (table, rows) in removed.Where(r => r.Value > 0))
        {
            Done(logger, rows, table);
        }

        return removed;
    }

    private Task<int> RemoveAsync(RecordType type, PersonsDue due, CancellationToken cancellationToken) => context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
    {
        await using var transaction = await context.Database.BeginTransactionAsync(ct);
        int rows = await type.RemoveOlderAsync(context, due.Tenant, due.Persons, due.Before, ct);
        if (rows > 0 && context.Audit is { } audit)
        {
            await AuditStatement.AddAsync(context, audit.Create(context, new AuditNote(AuditAction.Purge, type.Name, Items: rows) { Tenant = due.Tenant, Actor = "keeper" }), ct);
        }

        await transaction.CommitAsync(ct);
        return rows;
    }, cancellationToken);

    [LoggerMessage(1, LogLevel.Information, "Removed {Rows} rows of {Table} that their persons did not want kept any longer.")]
    private static partial void Done(ILogger logger, int rows, string table);
}
