using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Idempotency;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>The body of an answer that is kept for an Idempotency-Key.</summary>
internal sealed record KeptAnswerRow(string Key, string Tenant, byte[] Token) : TokenRow(KeptAnswer.Row(Key), Tenant, "", Token);

/// <summary>
/// Reads and replaces the bodies of kept answers, as <see cref="RotationRows"/> does those of records. They are named by tenant and key, and there are no more than those of a day: a rotation
/// goes through all of them in one go, and from the first again where it was stopped.
/// </summary>
internal sealed class KeptAnswerRows(StoreContext context)
{
    /// <summary>The next rows in the order of tenants and keys.</summary>
    /// <param name="owner">Whose; <see cref="KeyRotation.AllTenants"/> for everybody's.</param>
    /// <param name="after">The last one of the rows before; null for the first.</param>
    public async Task<List<KeptAnswerRow>> ReadAsync(string owner, KeptAnswerRow? after, int most, CancellationToken cancellationToken)
    {
        var rows = context.Set<IdempotencyEntry>().AsNoTracking().Where(k => k.Body != null && (owner == KeyRotation.AllTenants || k.Tenant == owner));
        if (after is { Tenant: var tenant, Key: var key })
        {
            rows = rows.Where(k => k.Tenant.CompareTo(tenant) > 0 || (k.Tenant == tenant && k.Key.CompareTo(key) > 0));
        }

        return await rows.OrderBy(k => k.Tenant).ThenBy(k => k.Key).Take(most).Select(k => new KeptAnswerRow(k.Key, k.Tenant, k.Body!)).ToListAsync(cancellationToken);
    }

    /// <returns>How many were replaced; the others had changed in the meantime.</returns>
    public async Task<int> ReplaceAsync(IEnumerable<(TokenRow Row, byte[] Token)> changes, CancellationToken cancellationToken)
    {
        int replaced = 0;
        foreach (var (row, token) in changes)
        {
            var (tenant, key, old) = (row.Tenant, ((KeptAnswerRow)row).Key, row.Token);
            replaced += await context.Set<IdempotencyEntry>().Where(k => k.Tenant == tenant && k.Key == key && k.Body == old).ExecuteUpdateAsync(s => s.SetProperty(k => k.Body, token), cancellationToken);
        }

        return replaced;
    }
}
