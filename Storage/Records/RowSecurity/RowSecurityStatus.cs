namespace CloudStore.Storage.Records.RowSecurity;

/// <summary>
/// Whether this process works under row-level security; found out at its start. Until then, and where the database does not allow it, all contexts run as the
/// login role, and the query filters alone keep tenants apart.
/// </summary>
public sealed class RowSecurityStatus
{
    private volatile bool _inForce;

    /// <summary>True: a context in use for a tenant runs as a role that sees that tenant's rows only.</summary>
    public bool InForce
    {
        get => _inForce;
        internal set => _inForce = value;
    }
}
