using CloudStore.Storage.Imports.Reading;

namespace CloudStore.Storage.Files.Uploads;

/// <summary>The parts of an upload, one after the other.</summary>
internal sealed class SegmentStream(UploadContents contents, IReadOnlyList<(string? Backend, string Name)> parts) : ReadOnlyStream
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
                if (_next == parts.Count)
                {
                    return 0;
                }

                var (backend, name) = parts[_next++];
                _segment = await contents.In(backend).OpenReadAsync(name, cancellationToken);
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
