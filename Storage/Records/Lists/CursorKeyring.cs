namespace CloudStore.Storage.Records.Lists;

/// <summary>Holds the key that signs cursors, which all processes of an installation share; read from the database once at start.</summary>
public sealed class CursorKeyring
{
    private CursorCodec? _codec;

    /// <exception cref="InvalidOperationException">The key was not read yet.</exception>
    public CursorCodec Codec => _codec ?? throw new InvalidOperationException("The cursor key is read when the service starts; it has not started.");

    public async Task LoadAsync(StoreContext context, CancellationToken cancellationToken = default) =>
        _codec ??= new CursorCodec(await StoreSecret.GetOrCreateAsync(context, StoreSecret.CursorKey, cancellationToken));
}
