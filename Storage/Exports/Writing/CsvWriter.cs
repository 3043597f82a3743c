using System.Buffers;
using System.Text;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Imports.Values;
using CloudStore.Storage.Protection.Fernet;

namespace CloudStore.Storage.Exports.Writing;

/// <summary>CSV after RFC 4180 with a header, in UTF-8, with commas and CR LF. No value is an empty field; text that would be a formula has an apostrophe in front.</summary>
/// <param name="columns">In their order.</param>
/// <param name="encryption">Which of them are tokens; null for none.</param>
/// <param name="formulaPrefix">False to write text as it is.</param>
internal sealed class CsvWriter<T>(IReadOnlyList<ExportColumn<T>> columns, FernetColumns? encryption, bool formulaPrefix) : RowWriter<T>(columns, encryption)
{
    private static readonly SearchValues<byte> NeedQuotes = SearchValues.Create("\",\r\n\t;|"u8);

    /// <inheritdoc/>
    public override void WriteHead(Utf8Buffer to)
    {
        to.Add(Encoding.UTF8.GetBytes(string.Join(',', Columns.Select(c => c.Name))));
        to.Add("\r\n"u8);
    }

    /// <inheritdoc/>
    public override void Write(T row, Utf8Buffer to)
    {
        int first = to.Length;
        for (int i = 0; i < Columns.Count; i++)
        {
            if (i > 0)
            {
                to.Add((byte)',');
            }

            if (IsEncrypted(i))
            {
                to.Add(Encoding.ASCII.GetBytes(Token(i, row) ?? ""));
                continue;
            }

            int start = to.Length;
            if (Columns[i].TryWrite(row, to) && Columns[i].Type is FieldType.Text or FieldType.Json)
            {
                Guard(to, start, formulaPrefix && Columns[i].Type == FieldType.Text);
            }
        }

        if (Columns.Count == 1 && to.Length == first)
        {
            // A line with nothing on it is no row to those who read it.
            to.Add("\"\""u8);
        }

        to.Add("\r\n"u8);
    }

    private static void Guard(Utf8Buffer to, int start, bool formulas)
    {
        var text = to.From(start);
        bool prefix = formulas && FormulaText.NeedsPrefix(text);
        // Readers that trim what is not quoted would else take spaces off.
        if (!prefix && !text.ContainsAny(NeedQuotes) && text[0] != (byte)' ' && text[^1] != (byte)' ')
        {
            return;
        }

        var written = ArrayPool<byte>.Shared.Rent(text.Length);
        int length = text.Length;
        text.CopyTo(written);
        to.Cut(start);
        to.Add((byte)'"');
        if (prefix)
        {
            to.Add(FormulaText.Prefix);
        }

        AddDoubled(to, written.AsSpan(0, length));
        to.Add((byte)'"');
        ArrayPool<byte>.Shared.Return(written);
    }

    private static void AddDoubled(Utf8Buffer to, ReadOnlySpan<byte> text)
    {
        for (int quote = text.IndexOf((byte)'"'); quote >= 0; quote = text.IndexOf((byte)'"'))
        {
            to.Add(text[..(quote + 1)]);
            to.Add((byte)'"');
            text = text[(quote + 1)..];
        }

        to.Add(text);
    }
}
