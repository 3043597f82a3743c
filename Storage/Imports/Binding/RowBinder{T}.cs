using System.Text;
using System.Text.Json;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Imports.Values;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Imports.Binding;

/// <summary>The binder of one record type. What it does per row allocates the record, its strings and its JSON, nothing else.</summary>
internal sealed class RowBinder<T> : RowBinder
    where T : Record, new()
{
    private readonly ImportTarget<T> _target;
    private readonly ImportPlan _plan;
    private readonly IReadOnlyList<ImportField<T>> _fields;
    private readonly RowKey<T> _key;
    private readonly OtherColumns _other = new();
    private readonly HashSet<string> _properties = [];
    private readonly List<(ImportField<T> Field, Action<T> Set)> _constants = [];
    private readonly List<(string Field, string Message)> _errors = [];
    private readonly Action<string, string, string> _report;
    private readonly Utf8StringCache?[] _texts;
    private readonly decimal[] _scales;
    private ColumnMap? _map;
    private string[] _names = [];
    private JsonEncodedText[] _jsonNames = [];
    private ValueReader[] _values = [];
    private BulkWriter<T>? _writer;
    private StoreContext? _writerContext;
    private List<T> _rows = [];
    private List<RowOrigin> _origins = [];
    private List<RejectedRow> _rejected = [];
    private RowReader? _row;
    private int _badColumn = -1;
    private long _lastLine;
    private int _flagged;

    public RowBinder(ImportTarget<T> target, ImportPlan plan)
    {
        _target = target;
        _plan = plan;
        _fields = target.TypedFields;
        _key = new RowKey<T>(target, plan);
        _report = (field, rule, message) => _errors.Add((field, IsEncrypted(field) ? $"the value, which the file has encrypted, breaks the rule {rule}." : message));
        _texts = [.. _fields.Select(f => f.Type == FieldType.Text ? new Utf8StringCache() : null)];
        _properties.UnionWith(target.AlwaysWritten);
        _scales = [.. _fields.Select(_ => 1m)];
        foreach (var (name, factor) in plan.Options.Scale)
        {
            _scales[target.Fields.IndexOf(target.FindField(name)!)] = factor;
        }

        foreach (var (name, text) in plan.Options.Set)
        {
            var field = (ImportField<T>)target.FindField(name)!;
            _constants.Add((field, ConstantValue.Setter(field, text, plan)));
            _properties.Add(field.Property);
        }
    }

    /// <inheritdoc/>
    public override int Rows => _rows.Count + _rejected.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<string> SurveyColumns =>
        _map is null ? [] : [.. Enumerable.Range(0, _map.Count).Where(i => _map.FieldOf(i) >= 0 && _fields[_map.FieldOf(i)].Type is not (FieldType.Text or FieldType.Json)).Select(i => _names[i])];

    /// <inheritdoc/>
    public override BindOutcome Bind(RowReader row)
    {
        BindColumns(row);
        _lastLine = row.Line;
        _row = row;
        if (row.Fault is { } fault)
        {
            Reject(row, fault.Column is { } at ? _names[at] : "", fault.Column is { } bad ? Shown(row.AsWritten(bad)) : "", fault.Reason);
            return BindOutcome.Taken;
        }

        var record = new T();
        _errors.Clear();
        _badColumn = -1;
        foreach (var (_, set) in _constants)
        {
            set(record);
        }

        _other.Start();
        int fields = Math.Min(row.FieldCount, _names.Length);
        for (int i = 0; i < fields; i++)
        {
            if (ReadField(record, row, i) == ValueOutcome.NeedsSurvey)
            {
                return BindOutcome.NeedsSurvey;
            }
        }

        Finish(record, row);
        return BindOutcome.Taken;
    }

    /// <inheritdoc/>
    public override ImportBatch Take(RowReader? reader)
    {
        var batch = new ImportBatch<T>(_rows, _origins, _plan.OnConflict, new HashSet<string>(_properties), WriterFor)
        {
            Position = reader?.Position,
            LastLine = _lastLine,
            SourceBytes = reader?.SourceBytes ?? 0,
            Delimiter = reader?.Delimiter,
            Rows = Rows,
            Flagged = _flagged,
            Rejected = _rejected,
        };
        _rows = new List<T>(_rows.Count);
        _origins = [];
        _rejected = [];
        _flagged = 0;
        return batch;
    }

    /// <inheritdoc/>
    public override void Dispose() => _other.Dispose();

    private BulkWriter<T> WriterFor(StoreContext context)
    {
        if (_writer is null || _writerContext != context)
        {
            (_writer, _writerContext) = (new BulkWriter<T>(context), context);
        }

        return _writer;
    }

    private void Finish(T record, RowReader row)
    {
        if (_target.SetOther is { } setOther && _other.Finish() is { } other)
        {
            setOther(record, other);
            _properties.Add(_target.OtherProperty!);
        }

        if (_errors.Count == 0)
        {
            if (_plan.DeriveKey)
            {
                _target.SetDerivedId(record, RowKey<T>.Derive(record, row, _names, _map!, _target, [.. _constants.Select(c => c.Field)]));
            }

            var key = _key.Read(record, row, KeyHash);
            if (key is not null && Array.TrueForAll(key, string.IsNullOrEmpty))
            {
                _errors.Add(("key", "all columns of the key are empty."));
            }

            _target.Complete(record, key);
            _target.Check(record, _report);
        }

        if (_errors.Count > 0)
        {
            RejectForErrors(row);
            return;
        }

        _rows.Add(record);
        _flagged += _target.IsFlagged(record) ? 1 : 0;
        if (_plan.OnConflict == ConflictMode.Reject)
        {
            _origins.Add(new RowOrigin(row.Line, Encoding.UTF8.GetString(row.Raw)));
        }
    }

    private ValueOutcome ReadField(T record, RowReader row, int column)
    {
        int f = _map!.FieldOf(column);
        var kind = row.KindOf(column);
        if (f == -2 || kind == FieldKind.Null)
        {
            return ValueOutcome.Missing;
        }

        if (f == -1)
        {
            if (_target.KeepsOtherColumns)
            {
                _other.Add(_jsonNames[column], kind, row.Field(column));
            }

            return ValueOutcome.Good;
        }

        var outcome = SetField(record, _fields[f], f, column, kind, row.Field(column));
        if (outcome == ValueOutcome.Bad)
        {
            AddValueError(column, $"'{Shown(row.AsWritten(column))}' {_values[column].Reason}.");
            return outcome;
        }

        if (outcome != ValueOutcome.NeedsSurvey)
        {
            return outcome;
        }

        if (CanSurvey)
        {
            // Not surveyed yet: of a JSON file's columns a survey sees those that had shown up by then.
            return outcome;
        }

        AddValueError(column, $"'{Shown(row.AsWritten(column))}' can be read in two ways; pass dateFormat=, or write the value without separators.");
        return ValueOutcome.Bad;
    }

    private ValueOutcome SetField(T record, ImportField<T> field, int f, int column, FieldKind kind, ReadOnlySpan<byte> text)
    {
        ref var reader = ref _values[column];
        if (Survey is not null && reader.Decision is null && Survey.Columns.TryGetValue(_names[column], out var decision))
        {
            reader.Decision = decision;
        }

        ValueOutcome outcome;
        switch (field.Type)
        {
            case FieldType.Text:
                text = text.Trim(" \t\r\n"u8);
                text = _plan.Options.FormulaPrefix && _row is { Format: FileFormat.Csv } && !_row.IsEncrypted(column) ? FormulaText.Unprefixed(text) : text;
                if (text.IsEmpty)
                {
                    return ValueOutcome.Missing;
                }

                field.SetText!(record, _texts[f]!.Get(text));
                return ValueOutcome.Good;
            case FieldType.Json:
                return SetJson(record, field, kind, text);
            case FieldType.Integer:
                if ((outcome = reader.Integer(text, out long whole)) == ValueOutcome.Good)
                {
                    field.SetInteger!(record, whole);
                }

                break;
            case FieldType.Instant:
                if ((outcome = ReadInstant(ref reader, column, text, out var instant)) == ValueOutcome.Good)
                {
                    field.SetInstant!(record, instant);
                }

                break;
            default:
                if ((outcome = reader.Decimal(text, field.Type == FieldType.Ratio, out decimal number)) == ValueOutcome.Good)
                {
                    field.SetDecimal!(record, _scales[f] == 1 ? number : Scaled(number, _scales[f]));
                }

                break;
        }

        return outcome == ValueOutcome.Bad && ValueReader.IsMissing(text) ? ValueOutcome.Missing : outcome;
    }

    private ValueOutcome ReadInstant(ref ValueReader reader, int column, ReadOnlySpan<byte> text, out DateTime instant)
    {
        var outcome = reader.Instant(text, out instant);
        if (outcome == ValueOutcome.Bad && reader.Decision?.OrderUndecided(text) is { } reason && !ValueReader.IsMissing(text))
        {
            // The whole column was looked at and cannot be told: to load the rows that happen to be clear would be a guess about the others.
            throw new UndecidedColumnException(_names[column], reason);
        }

        return outcome;
    }

    private ValueOutcome SetJson(T record, ImportField<T> field, FieldKind kind, ReadOnlySpan<byte> text)
    {
        if (field.Property != _target.OtherProperty)
        {
            // In a CSV file the document is text; what is no JSON there becomes a JSON string, which the target's rules then judge.
            bool isJson = kind != FieldKind.Text || IsJson(text);
            field.SetText!(record, isJson ? JsonText.WithoutEscapes(Encoding.UTF8.GetString(text)) : JsonSerializer.Serialize(Encoding.UTF8.GetString(text)));
            return ValueOutcome.Good;
        }

        // The file has a column for the JSON document itself: its members and the columns that no field takes become one object.
        try
        {
            var reader = new Utf8JsonReader(text);
            using var document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind == JsonValueKind.Object && reader.BytesConsumed == text.Length)
            {
                _other.AddMembers(document.RootElement);
                return ValueOutcome.Good;
            }
        }
        catch (JsonException)
        {
            // Text that is no JSON is kept as text.
        }

        _other.Add(JsonEncodedText.Encode(field.Name, JsonText.Encoder), FieldKind.Text, text);
        return ValueOutcome.Good;
    }

    private static bool IsJson(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            return reader.Read() && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void BindColumns(RowReader row)
    {
        if (_map is not null && _names.Length == row.Columns.Count)
        {
            return;
        }

        _names = [.. row.Columns];
        if (_map is null)
        {
            _map = new ColumnMap(_plan, _names);
        }
        else
        {
            _map.Bind(_names);
        }

        _key.Bind(_names, _map);
        int known = _values.Length;
        Array.Resize(ref _values, _names.Length);
        _jsonNames = Array.ConvertAll(_names, n => JsonEncodedText.Encode(n, JsonText.Encoder));
        for (int i = known; i < _names.Length; i++)
        {
            _values[i] = new ValueReader(_plan.DateFormat, row.Delimiter == ';');
        }

        for (int i = 0; i < _names.Length; i++)
        {
            if (_map.FieldOf(i) is >= 0 and var f)
            {
                _properties.Add(_fields[f].Property);
            }
        }
    }

    // A number so large that it cannot be multiplied is kept, and breaks the rule of its field.
    private static decimal Scaled(decimal number, decimal factor) => Math.Abs(number) < 1e18m ? number * factor : number;

    private bool IsEncrypted(string field) =>
        _row is not null && _target.FindField(field) is { } known && _map!.ColumnOf(known) is >= 0 and var column && _row.IsEncrypted(column);

    private void AddValueError(int column, string message)
    {
        if (_badColumn < 0)
        {
            _badColumn = column;
        }

        _errors.Add((_names[column], message));
    }

    private void RejectForErrors(RowReader row)
    {
        var (name, _) = _errors[0];
        int column = _badColumn >= 0 ? _badColumn : _target.FindField(name) is { } field ? _map!.ColumnOf(field) : -1;
        var value = column >= 0 && column < row.FieldCount ? Shown(row.AsWritten(column)) : "";
        Reject(row, column >= 0 ? _names[column] : name, value, string.Join(" ", _errors.Select(e => $"{e.Field}: {e.Message}")));
    }

    private void Reject(RowReader row, string column, string value, string reason) =>
        _rejected.Add(new RejectedRow(row.Line, column, value, reason, Encoding.UTF8.GetString(row.Raw)));

    private static string Shown(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value.Length > 800 ? value[..800] : value);
        // Half of a surrogate pair is no text: Postgres would refuse the reject, and with it the batch.
        return text.Length <= 200 ? text : text[..(char.IsHighSurrogate(text[199]) ? 199 : 200)];
    }
}
