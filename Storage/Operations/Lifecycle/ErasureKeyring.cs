using System.Security.Cryptography;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>
/// The key under which erased persons' names are hashed: a secret of the installation, read once when a process starts. Without it nobody can try names against the marks.
/// </summary>
public sealed class ErasureKeyring
{
    private const string KeyName = "erasure-key";
    private byte[]? _key;

    internal byte[] Key => _key ?? throw new InvalidOperationException("The erasure key is read when the service starts; it has not started.");

    /// <summary>Reads the key, and hashes under it what older versions hashed without one.</summary>
    /// <param name="context">One without a tenant.</param>
    public async Task LoadAsync(StoreContext context, CancellationToken cancellationToken = default)
    {
        _key ??= await StoreSecret.GetOrCreateAsync(context, KeyName, cancellationToken);
        var plain = await context.Set<ErasureMark>().IgnoreQueryFilters().AsNoTracking().Where(m => !m.Keyed && m.SubjectHash != null).Select(m => new { m.Id, m.SubjectHash }).ToListAsync(cancellationToken);
        foreach (var mark in plain)
        {
            var (id, keyed) = (mark.Id, HMACSHA256.HashData(Key, mark.SubjectHash!));
            await context.Set<ErasureMark>().IgnoreQueryFilters().Where(m => m.Id == id && !m.Keyed)
                .ExecuteUpdateAsync(s => s.SetProperty(m => m.SubjectHash, keyed).SetProperty(m => m.Keyed, true), cancellationToken);
        }

        if (plain.Count > 0)
        {
            await FormerVersions.RemoveAsync(context, "erasure_marks", cancellationToken);
        }
    }
}
