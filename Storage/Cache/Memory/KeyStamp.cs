namespace CloudStore.Storage.Cache.Memory;

/// <summary>What was known of a key before its value was read, computed or written; an entry is only kept where all of it still holds.</summary>
/// <param name="Key">The key.</param>
/// <param name="Position">The log's position.</param>
/// <param name="Epoch">Rises when everything is forgotten.</param>
/// <param name="Version">Changes with each write and each invalidation of the key itself.</param>
internal sealed record KeyStamp(string Key, long Position, long Epoch, long Version);
