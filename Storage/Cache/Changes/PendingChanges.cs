namespace CloudStore.Storage.Cache.Changes;

/// <summary>
/// What a context has written and not committed yet. All that writes records tells it: saving, adding one directly, bulk, and what is noted in the audit by hand.
/// Published when it is committed, or may be. What is rolled back stays until the next commit and is then invalidated for nothing, which does no harm.
/// </summary>
internal sealed class PendingChanges(RecordChanges changes)
{
    private List<(string Tenant, string Table, bool AddedOnly)>? _pending;

    public void Add(string tenant, string table, bool addedOnly)
    {
        _pending ??= [];
        foreach (var (knownTenant, knownTable, knownAdded) in _pending)
        {
            if (knownTable == table && knownTenant == tenant && (!knownAdded || addedOnly))
            {
                return;
            }
        }

        _pending.Add((tenant, table, addedOnly));
    }

    public void Publish()
    {
        if (_pending is not { Count: > 0 })
        {
            return;
        }

        foreach (var (tenant, table, addedOnly) in _pending)
        {
            changes.Publish(tenant, table, addedOnly);
        }

        _pending.Clear();
    }
}
