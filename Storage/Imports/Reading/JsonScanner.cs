using System.Buffers;

namespace CloudStore.Storage.Imports.Reading;

/// <summary>
/// Finds where a JSON value ends by counting brackets outside strings, without recursion and without judging what is inside. It can stop for
/// want of bytes and go on without looking at a byte twice.
/// </summary>
internal sealed class JsonScanner
{
    private static readonly SearchValues<byte> s_structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> s_scalarEnd = SearchValues.Create(" \t\r\n,]}[{\""u8);

    private int _pos;
    private int _depth;
    private bool _inString;

    public int MaxDepth { get; private set; }

    public void Start()
    {
        _pos = _depth = MaxDepth = 0;
        _inString = false;
    }

    /// <summary>Forgets what was scanned, which the caller drops. Gives the number of bytes.</summary>
    public int Drop()
    {
        int scanned = _pos;
        _pos = 0;
        return scanned;
    }

    /// <summary>Length of the value that starts with the first byte, or -1 where it goes on behind the bytes given.</summary>
    public int Scan(ReadOnlySpan<byte> value, bool ended)
    {
        while (true)
        {
            if (_inString && !SkipString(value)) return -1;
            if (_depth == 0 && _pos > 0) return _pos;
            if (_depth == 0 && value[0] is not ((byte)'"' or (byte)'{' or (byte)'[')) return ScanScalar(value, ended);
            int found = value[_pos..].IndexOfAny(s_structure);
            if (found < 0)
            {
                _pos = value.Length;
                return -1;
            }

            _pos += found;
            byte b = value[_pos++];
            if (b == (byte)'"') _inString = true;
            else if (b is (byte)'{' or (byte)'[') MaxDepth = Math.Max(MaxDepth, ++_depth);
            else _depth--;
        }
    }

    /// <summary>Deepest nesting of a text, as far as it can be told.</summary>
    public static int DepthOf(ReadOnlySpan<byte> text)
    {
        var scanner = new JsonScanner();
        text = text.TrimStart(" \t\r\n"u8);
        if (!text.IsEmpty) scanner.Scan(text, ended: true);
        return scanner.MaxDepth;
    }

    private static int ScanScalar(ReadOnlySpan<byte> value, bool ended)
    {
        // At least one byte, so that a stray delimiter cannot hold the reader up.
        int found = value[1..].IndexOfAny(s_scalarEnd);
        return found >= 0 ? found + 1 : ended ? value.Length : -1;
    }

    private bool SkipString(ReadOnlySpan<byte> value)
    {
        while (true)
        {
            int found = value[_pos..].IndexOfAny((byte)'"', (byte)'\\');
            if (found < 0)
            {
                _pos = value.Length;
                return false;
            }

            _pos += found;
            if (value[_pos] == (byte)'"')
            {
                _pos++;
                _inString = false;
                return true;
            }

            if (_pos + 2 > value.Length) return false;
            _pos += 2;
        }
    }
}
