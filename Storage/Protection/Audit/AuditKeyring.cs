using System.Security.Cryptography;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// Where the audit's two keys are kept between starts: unless something else is registered, with the installation's other secrets.
/// </summary>
public interface IAuditKeyStore
{
    /// <summary>Gives the value kept under that name; where there is none, keeps what <paramref name="create"/> makes. Several processes may ask at once and get the same.</summary>
    Task<byte[]> GetOrCreateAsync(StoreContext context, string name, Func<byte[]> create, CancellationToken cancellationToken);
}

/// <summary>Keeps them in the table of the installation's secrets, which no tenant's context reaches, encrypted under a key that the master key wraps.</summary>
public sealed class StoreSecretAuditKeys : IAuditKeyStore
{
    /// <inheritdoc/>
    public Task<byte[]> GetOrCreateAsync(StoreContext context, string name, Func<byte[]> create, CancellationToken cancellationToken) =>
        StoreSecret.GetOrCreateAsync(context, name, create, cancellationToken);
}

/// <summary>The audit's keys, read once when a process starts: the one that marks events as the product's, and the one that signs the log's checkpoints.</summary>
public sealed class AuditKeyring(IAuditKeyStore store)
{
    /// <summary>Names under which the keys are kept.</summary>
    public const string EventKeyName = "audit-event-key";
    public const string LogKeyName = "audit-log-key";

    private byte[]? _eventKey;
    private byte[]? _logKey;

    /// <exception cref="InvalidOperationException">The keys were not read yet.</exception>
    internal byte[] EventKey => _eventKey ?? throw NotRead();

    /// <summary>The log's private key, ECDSA P-256, PKCS #8.</summary>
    /// <exception cref="InvalidOperationException">The keys were not read yet.</exception>
    internal byte[] LogKey => _logKey ?? throw NotRead();

    /// <param name="context">One without a tenant.</param>
    public async Task LoadAsync(StoreContext context, CancellationToken cancellationToken = default)
    {
        _logKey ??= await store.GetOrCreateAsync(context, LogKeyName, NewLogKey, cancellationToken);
        _eventKey ??= await store.GetOrCreateAsync(context, EventKeyName, static () => RandomNumberGenerator.GetBytes(32), cancellationToken);
    }

    private static byte[] NewLogKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }

    private static InvalidOperationException NotRead() => new("The audit's keys are read when the service starts; it has not started.");
}
