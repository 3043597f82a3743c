using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Protection.Fernet;

namespace CloudStore.Storage.Imports.Reading;

/// <summary>
/// The rows of another reader with the Fernet tokens of some columns decrypted. A token that is not valid makes its row a fault that names the column. The row
/// as the file has it (<see cref="RowReader.Raw"/>, <see cref="RowReader.AsWritten"/>) keeps the tokens: what is rejected is kept as encrypted as it came.
/// </summary>
internal sealed class DecryptingReader : RowReader
{
    private readonly RowReader _inner;
    private readonly HashSet<string> _names;
    private readonly MultiFernet _cipher;
    private readonly TimeSpan? _maxAge;
    private (int Start, int Length)?[] _places = [];
    private bool[] _encrypted = [];
    private byte[] _plain = [];

    public DecryptingReader(RowReader inner, IEnumerable<string> columns, MultiFernet cipher, TimeSpan? maxAge)
    {
        (_inner, _cipher, _maxAge) = (inner, cipher, maxAge);
        _names = [.. columns.Select(ColumnNames.Normalize)];
        (Format, Delimiter, EncodingName) = (inner.Format, inner.Delimiter, inner.EncodingName);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => _inner.Columns;

    /// <inheritdoc/>
    public override int FieldCount => _inner.FieldCount;

    /// <inheritdoc/>
    public override long SourceBytes => _inner.SourceBytes;

    /// <inheritdoc/>
    public override ReaderPosition Position => _inner.Position;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Raw => _inner.Raw;

    /// <inheritdoc/>
    public override async ValueTask<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        bool read = await _inner.ReadAsync(cancellationToken);
        (Line, Offset, Fault) = (_inner.Line, _inner.Offset, _inner.Fault);
        Array.Clear(_places);
        if (read && Fault is null)
        {
            Fault = Decrypt();
        }

        return read;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Field(int column) =>
        column < _places.Length && _places[column] is { } place ? _plain.AsSpan(place.Start, place.Length) : _inner.Field(column);

    /// <inheritdoc/>
    public override FieldKind KindOf(int column) =>
        column < _places.Length && _places[column] is { } place ? (place.Length == 0 ? FieldKind.Null : FieldKind.Text) : _inner.KindOf(column);

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> AsWritten(int column) => _inner.Field(column);

    /// <inheritdoc/>
    public override bool IsEncrypted(int column) => column < _encrypted.Length && _encrypted[column];

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _inner.DisposeAsync();

    private RowFault? Decrypt()
    {
        // A JSON file's columns grow while it is read.
        if (_encrypted.Length != _inner.Columns.Count)
        {
            _encrypted = [.. _inner.Columns.Select(c => _names.Contains(ColumnNames.Normalize(c)))];
            _places = new (int, int)?[_encrypted.Length];
        }

        int used = 0;
        for (int i = 0; i < Math.Min(_encrypted.Length, _inner.FieldCount); i++)
        {
            if (!_encrypted[i] || _inner.KindOf(i) == FieldKind.Null)
            {
                continue;
            }

            var token = _inner.Field(i).Trim(" \t\r\n"u8);
            if (_plain.Length < used + token.Length)
            {
                Array.Resize(ref _plain, Math.Max(2 * _plain.Length, used + token.Length));
            }

            int length = 0;
            var fault = token.IsEmpty ? FernetFault.None : _cipher.TryDecrypt(token, _maxAge, _plain.AsSpan(used), out length);
            if (fault != FernetFault.None)
            {
                return new RowFault("decrypt", $"{_inner.Columns[i]}: The Fernet token {FernetFaults.Reason(fault)}.", i);
            }

            _places[i] = (used, length);
            used += length;
        }

        return null;
    }
}
