using System.Security.Cryptography;
using System.Text;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Imports.Targets;

namespace CloudStore.Storage.Imports.Binding;

/// <summary>Makes a row's key from what <c>key=</c> names, or an id from its dimensions.</summary>
internal sealed class RowKey<T>(ImportTarget<T> target, ImportPlan plan)
    where T : Records.Record, new()
{
    private readonly ImportField<T>?[] _named = [.. plan.DeriveKey ? [] : plan.Options.Key.Select(k => (ImportField<T>?)target.FindField(k))];
    private readonly string[] _names = [.. plan.DeriveKey ? [] : plan.Options.Key.Select(ColumnNames.Normalize)];
    private ImportField<T>?[] _fields = [];
    private int[] _columns = [];

    /// <summary>Finds the key's columns among a file's; called again when a JSON file shows more of them. A field is preferred to a column of its name.</summary>
    public void Bind(IReadOnlyList<string> columns, ColumnMap map)
    {
        var names = columns.Select(ColumnNames.Normalize).ToArray();
        _columns = [.. _names.Select(n => Array.IndexOf(names, n))];
        // A column that fills an encrypted field is that field, however the file calls it.
        _fields = [.. _named.Select((f, i) => f ?? (_columns[i] >= 0 && map.FieldOf(_columns[i]) is >= 0 and var filled && target.TypedFields[filled].IsEncrypted ? target.TypedFields[filled] : null))];
    }

    /// <summary>The values of the key's columns; null where <c>key=</c> was not given. Those of encrypted fields are left out, and one hash of all comes last.</summary>
    public string?[]? Read(T row, RowReader file, KeyHash? hash)
    {
        if (_names.Length == 0)
        {
            return null;
        }

        var values = new string?[_names.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _fields[i] is { } field ? field.ReadText(row)
                : _columns[i] >= 0 && file.KindOf(_columns[i]) != FieldKind.Null ? Encoding.UTF8.GetString(file.Field(_columns[i]).Trim(" \t"u8)) : null;
        }

        return Array.TrueForAll(_fields, f => f is not { IsEncrypted: true }) || Array.TrueForAll(values, string.IsNullOrEmpty)
            ? values
            : [.. values.Where((_, i) => _fields[i] is not { IsEncrypted: true }), hash!.Of(values)];
    }

    /// <summary>
    /// An id made of every value that is no measure, the date left out (it parts the rows of one campaign): SHA-256 over names and values in the order of
    /// the names, the first 80 bits in hexadecimal. The order of a file's columns does not matter.
    /// </summary>
    public static string Derive(T row, RowReader file, IReadOnlyList<string> names, ColumnMap map, ImportTarget<T> target, IReadOnlyList<ImportField<T>> constants)
    {
        var parts = new List<string>(file.FieldCount);
        for (int i = 0; i < file.FieldCount && i < names.Count; i++)
        {
            int f = map.FieldOf(i);
            if (f == -2 || file.KindOf(i) == FieldKind.Null || (f >= 0 && (target.TypedFields[f].IsMeasure || target.TypedFields[f].Type == FieldType.Instant)))
            {
                continue;
            }

            parts.Add($"{ColumnNames.Normalize(f >= 0 ? target.TypedFields[f].Name : names[i])}\0{(f >= 0 ? target.TypedFields[f].ReadText(row) : Encoding.UTF8.GetString(file.Field(i).Trim(" \t"u8)))}\n");
        }

        parts.AddRange(constants.Where(c => !c.IsMeasure).Select(c => $"{ColumnNames.Normalize(c.Name)}\0{c.ReadText(row)}\n"));
        parts.Sort(StringComparer.Ordinal);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(parts)));
        return $"d-{Convert.ToHexStringLower(hash.AsSpan(0, 10))}";
    }
}
