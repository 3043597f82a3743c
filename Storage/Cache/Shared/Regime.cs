namespace CloudStore.Storage.Cache.Shared;

/// <summary>Which store holds the entries and the log.</summary>
internal enum Holder
{
    /// <summary>None can be used.</summary>
    None,
    Redis,
    Database,
}

/// <summary>What all processes agree on.</summary>
/// <param name="Generation">A part of every name in Redis and of every row's key in the database.</param>
/// <param name="Holder">Where entries and log are.</param>
/// <param name="Base">What was read or computed at an earlier position is void.</param>
internal sealed record Regime(long Generation, Holder Holder, long Base)
{
    public static readonly Regime None = new(0, Holder.None, 0);
}

/// <summary>The regime this process works under, until <see cref="Ended"/>.</summary>
internal sealed class Active(Regime regime, ICacheStore? store) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();

    public Regime Regime => regime;

    public ICacheStore? Store => store;

    /// <summary>Cancelled when another regime holds, so that nobody waits for answers that are of no use.</summary>
    public CancellationToken Ended => _ended.Token;

    public void End() => _ended.Cancel();

    public void Dispose() => _ended.Dispose();
}

/// <summary>Where an entry is.</summary>
/// <param name="Generation">Of the regime.</param>
/// <param name="Floor">The position of the last invalidation of a prefix of the key or of the tenant, or the regime's base: entries from before are not found under it.</param>
internal readonly record struct Place(long Generation, long Floor, string Tenant, string Key);
