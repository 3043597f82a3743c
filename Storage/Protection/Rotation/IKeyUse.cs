using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>A place with ciphertext that names the data key it needs.</summary>
public interface IKeyUse
{
    /// <summary>What there is that needs the key, in the words of a message (<c>3 rows of sales.prices</c>).</summary>
    /// <param name="context">One without a tenant.</param>
    Task<IReadOnlyList<string>> FindAsync(StoreContext context, DataKey key, CancellationToken cancellationToken);
}
