using System.Runtime.InteropServices;

namespace CloudStore.Storage.Cache.Memory;

/// <summary>
/// The keys, of those that hash here, that are being read from elsewhere, computed or written. The lock orders what happens to the memory's entries of these keys; it is
/// never held while something is awaited.
/// </summary>
internal sealed class KeyStripe
{
    private readonly Dictionary<string, Use> _inUse = new(StringComparer.Ordinal);
    private long _versions;

    public Lock Gate { get; } = new();

    /// <summary>Everything below is called with the lock held.</summary>
    public long Begin(string key, bool write)
    {
        ref var use = ref CollectionsMarshal.GetValueRefOrAddDefault(_inUse, key, out bool there);
        use.Users++;
        if (write)
        {
            use.Writers++;
        }

        if (write || !there)
        {
            use.Version = ++_versions;
        }

        return use.Version;
    }

    /// <returns>True if nobody wrote or invalidated the key since <paramref name="version"/>, and nobody else is writing it.</returns>
    public bool End(string key, long version, bool write)
    {
        ref var use = ref CollectionsMarshal.GetValueRefOrNullRef(_inUse, key);
        if (write)
        {
            use.Writers--;
        }

        bool untouched = use.Version == version && use.Writers == 0;
        if (write)
        {
            use.Version = ++_versions;
        }

        if (--use.Users == 0)
        {
            _inUse.Remove(key);
        }

        return untouched;
    }

    public void Touch(string key)
    {
        ref var use = ref CollectionsMarshal.GetValueRefOrNullRef(_inUse, key);
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref use))
        {
            use.Version = ++_versions;
        }
    }

    /// <summary>The key's version; 0 where nobody uses it.</summary>
    public long Version(string key) => _inUse.TryGetValue(key, out var use) ? use.Version : 0;

    public void TouchAll()
    {
        foreach (string key in _inUse.Keys)
        {
            CollectionsMarshal.GetValueRefOrNullRef(_inUse, key).Version = ++_versions;
        }
    }

    /// <summary>Registers that a computed value is being stored, where nobody wrote the key since <paramref name="version"/>.</summary>
    public bool TryStore(string key, long version, Task storing)
    {
        ref var use = ref CollectionsMarshal.GetValueRefOrNullRef(_inUse, key);
        if (use.Version != version || use.Writers > 0 || use.Storing is not null)
        {
            return false;
        }

        use.Storing = storing;
        return true;
    }

    public void Stored(string key) => CollectionsMarshal.GetValueRefOrNullRef(_inUse, key).Storing = null;

    /// <summary>What a writer has to wait for.</summary>
    public Task? Storing(string key) => CollectionsMarshal.GetValueRefOrNullRef(_inUse, key).Storing;

    private struct Use
    {
        public Task? Storing;
        public int Users;
        public int Writers;
        public long Version;
    }
}
