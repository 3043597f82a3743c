using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace CloudStore.Storage.Imports.Reading;

/// <summary>
/// The fields of one JSON object, by column. Columns are added as property names appear; looking one up allocates nothing, and costs one
/// comparison where objects keep the order of their properties. Positions point into the row's text, or into the scratch for escaped strings.
/// </summary>
internal sealed class JsonRow(int maxDepth)
{
    /// <summary>More different property names are taken for data used as names, which no table can hold.</summary>
    private const int MaxColumns = 10_000;

    private readonly List<string> _names = [];
    private readonly Dictionary<byte[], int> _columns = new(Utf8Names.Comparer);
    private readonly List<byte[]> _utf8Names = [];
    private Slot[] _slots = new Slot[16];
    private byte[] _scratch = [];
    private int _scratchUsed;
    private int _row;

    public IReadOnlyList<string> Columns => _names;

    /// <summary>Bytes of the row in front of what is not JSON.</summary>
    public int ErrorAt { get; private set; }

    /// <summary>Makes columns known that another reader of the same file had met.</summary>
    public void AddColumns(IReadOnlyList<string> names)
    {
        foreach (string name in names) AddColumn(Encoding.UTF8.GetBytes(name));
    }

    public void Clear()
    {
        _row++;
        _scratchUsed = 0;
    }

    public FieldKind KindOf(int column) => Has(column) ? _slots[column].Kind : FieldKind.Null;

    /// <param name="row">The text that was parsed.</param>
    public ReadOnlySpan<byte> Field(int column, ReadOnlySpan<byte> row)
    {
        if (!Has(column)) return default;
        ref readonly Slot slot = ref _slots[column];
        return slot.InScratch ? _scratch.AsSpan(slot.Start, slot.Length) : row.Slice(slot.Start, slot.Length);
    }

    /// <summary>Takes a row's fields. Null, or why it is not an object that can be used.</summary>
    public RowFault? Parse(ReadOnlySpan<byte> row)
    {
        Clear();
        if (!Utf8.IsValid(row)) return new RowFault("encoding", "The row holds bytes that are no characters in the file's encoding.");
        var reader = new Utf8JsonReader(row, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                JsonTokenType type = reader.TokenType;
                reader.Skip();
                reader.Read();
                return new RowFault("not-an-object", $"The row is {Describe(type)} and not a JSON object.");
            }

            for (int guess = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; guess++)
            {
                guess = ColumnOf(ref reader, row.Length, guess);
                reader.Read();
                Take(ref reader, guess, row.Length);
            }

            // Anything but white space behind the object is an error that this read reports.
            reader.Read();
            return null;
        }
        catch (JsonException e)
        {
            if (JsonScanner.DepthOf(row) > maxDepth) return TooDeep(maxDepth);
            ErrorAt = (int)reader.BytesConsumed;
            return new RowFault("not-json", $"Not valid JSON behind byte {ErrorAt} of the row. {FirstSentence(e.Message)}");
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader says so for an escape of half a surrogate pair.
            return new RowFault("encoding", "A JSON string holds an escape that is half a character (a lone surrogate).");
        }
    }

    public static RowFault TooDeep(int maxDepth) => new("too-deep", $"The row nests deeper than {maxDepth} levels, the most accepted (setting Imports:MaxJsonDepth).");

    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }

    private static string Describe(JsonTokenType type) => type switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };

    private bool Has(int column) => (uint)column < (uint)_names.Count && _slots[column].Row == _row;

    private void Take(ref Utf8JsonReader reader, int column, int rowLength)
    {
        // Start of the value's text between its quotes, where it has quotes.
        int start = (int)reader.TokenStartIndex;
        ref Slot slot = ref _slots[column];
        slot.Row = _row;
        slot.InScratch = false;
        slot.Start = start;
        switch (reader.TokenType)
        {
            case JsonTokenType.String when reader.ValueIsEscaped:
                slot.Kind = FieldKind.Text;
                slot.InScratch = true;
                slot.Start = _scratchUsed;
                slot.Length = Unescape(ref reader, rowLength).Length;
                break;
            case JsonTokenType.String:
                slot.Kind = FieldKind.Text;
                slot.Start = start + 1;
                slot.Length = reader.ValueSpan.Length;
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                reader.Skip();
                slot.Kind = FieldKind.Json;
                slot.Length = (int)reader.BytesConsumed - start;
                break;
            default:
                slot.Kind = reader.TokenType switch
                {
                    JsonTokenType.Number => FieldKind.Number,
                    JsonTokenType.Null => FieldKind.Null,
                    _ => FieldKind.Boolean,
                };
                slot.Length = slot.Kind == FieldKind.Null ? 0 : reader.ValueSpan.Length;
                break;
        }
    }

    private int ColumnOf(ref Utf8JsonReader reader, int rowLength, int guess)
    {
        scoped ReadOnlySpan<byte> name = reader.ValueSpan;
        if (reader.ValueIsEscaped) name = Unescape(ref reader, rowLength);
        if (guess < _utf8Names.Count && name.SequenceEqual(_utf8Names[guess])) return guess;
        return _columns.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out int column) ? column : AddColumn(name.ToArray());
    }

    private ReadOnlySpan<byte> Unescape(ref Utf8JsonReader reader, int rowLength)
    {
        // Unescaped text is never longer than its row: one allocation serves all strings of the row, and none moves.
        if (_scratchUsed == 0 && _scratch.Length < rowLength) _scratch = new byte[Math.Max(rowLength, 1024)];
        Span<byte> target = _scratch.AsSpan(_scratchUsed);
        int written = reader.CopyString(target);
        _scratchUsed += written;
        return target[..written];
    }

    private int AddColumn(byte[] name)
    {
        int column = _names.Count;
        if (column == MaxColumns)
            throw new UnreadableFileException("header", $"The file's objects have more than {MaxColumns} different property names.");
        _columns.Add(name, column);
        _utf8Names.Add(name);
        _names.Add(Encoding.UTF8.GetString(name));
        if (column == _slots.Length) Array.Resize(ref _slots, column * 2);
        return column;
    }

    private struct Slot
    {
        public int Row;
        public int Start;
        public int Length;
        public FieldKind Kind;
        public bool InScratch;
    }
}
