using System.Text;

namespace CloudStore.Storage.Protection.Fernet;

/// <summary>Writes chosen columns of rows as Fernet tokens, for files that Python systems read; <c>decrypt=fernet:</c> of an import reads them again.</summary>
public sealed class FernetColumns(MultiFernet cipher, IReadOnlyList<string> header, IEnumerable<string> columns)
{
    private readonly bool[] _encrypted = Find(header, [.. columns]);

    /// <summary>Whether the column is one of the chosen.</summary>
    public bool Has(int column) => column < _encrypted.Length && _encrypted[column];

    /// <summary>A field's token.</summary>
    /// <param name="field">UTF-8, and not empty: what is empty stays empty.</param>
    public string Encrypt(ReadOnlySpan<byte> field) => cipher.Encrypt(field);

    /// <summary>The row's fields, those of the chosen columns as tokens; empty ones stay empty, as they stay no value.</summary>
    public string[] Encrypt(IReadOnlyList<string> fields)
    {
        var row = new string[fields.Count];
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = Has(i) && fields[i].Length > 0 ? Encrypt(Encoding.UTF8.GetBytes(fields[i])) : fields[i];
        }

        return row;
    }

    private static bool[] Find(IReadOnlyList<string> header, string[] columns)
    {
        var missing = columns.Where(c => !header.Contains(c)).ToList();
        return missing.Count == 0 ? [.. header.Select(columns.Contains)] : throw new ArgumentException($"There is no column {string.Join(", ", missing)} to encrypt.", nameof(columns));
    }
}
