using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Files.Uploads;

/// <summary>Staged contents, one after the other.</summary>
internal sealed class SegmentStream(StagedContents contents, IReadOnlyList<string> names) : ReadOnlyStream
{
    private Stream? _segment;
    private int _next;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_segment is null)
            {
                if (_next == names.Count)
                {
                    return 0;
                }

                _segment = await contents.OpenReadAsync(names[_next++], cancellationToken);
            }

            int read = await _segment.ReadAsync(buffer, cancellationToken);
            if (read > 0)
            {
                return read;
            }

            await _segment.DisposeAsync();
            _segment = null;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await (_segment?.DisposeAsync() ?? ValueTask.CompletedTask);
        await base.DisposeAsync();
    }
}
