using System.Collections.Concurrent;
using System.Reflection;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>The properties of a record type that share a token.</summary>
internal sealed class ProtectedGroup<T>
{
    private const int MostTenants = 10_000;
    private readonly ConcurrentDictionary<string, FieldPlace> _places = new(StringComparer.Ordinal);
    private readonly string _table;
    private readonly PropertyInfo[] _properties;
    private readonly PropertyInfo[] _clear;
    private readonly Action<T, byte[]> _setToken;
    private readonly Action<FieldWriter, T> _encode;
    private readonly Action<FieldReader, T> _decode;
    private FieldPlace? _last;

    /// <param name="clear">The properties that hold the values in a row without a token; empty where every row has one.</param>
    public ProtectedGroup(string table, string column, PropertyInfo token, IEnumerable<string> properties, IEnumerable<string> clear)
    {
        (_table, Column) = (table, column);
        TokenName = token.Name;
        _properties = [.. properties.Select(p => typeof(T).GetProperty(p)!)];
        _encode = FieldCodec.Encoder<T>(_properties);
        _decode = FieldCodec.Decoder<T>(_properties);
        GetToken = token.GetMethod!.CreateDelegate<Func<T, byte[]?>>();
        _setToken = token.SetMethod!.CreateDelegate<Action<T, byte[]>>();
        _clear = [.. clear.Select(p => typeof(T).GetProperty(p)!)];
    }

    public string Column { get; }

    public string TokenName { get; }

    public IEnumerable<string> Names => _properties.Select(p => p.Name);

    public Func<T, byte[]?> GetToken { get; }

    public void SetToken(T record, byte[] token)
    {
        _setToken(record, token);
        foreach (var property in _clear)
        {
            property.SetValue(record, "");
        }
    }

    /// <summary>Takes the values of a row from before they were encrypted. False where there are no such rows, or this is none.</summary>
    public bool TakeClear(T record)
    {
        if (_clear.Length == 0 || GetToken(record) is not null)
        {
            return false;
        }

        foreach (var (clear, property) in _clear.Zip(_properties))
        {
            property.SetValue(record, clear.GetValue(record));
        }

        return true;
    }

    public FieldPlace Place(string tenant)
    {
        if (_last is { } last && (object)last.Tenant == tenant)
        {
            return last;
        }

        if (_places.Count >= MostTenants)
        {
            _places.Clear();
        }

        return _last = _places.GetOrAdd(tenant, static (t, g) => new FieldPlace(t, g._table, g.Column), this);
    }

    public ReadOnlySpan<byte> Encode(FieldWriter writer, T record)
    {
        _encode(writer, record);
        return writer.Finish();
    }

    /// <summary>Reads the values in the reader's room.</summary>
    public void Decode(FieldReader reader, T record, FieldPlace place, Guid row)
    {
        try
        {
            _decode(reader, record);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw FieldFailure.Garbled(place, row, e);
        }
    }

    /// <summary>Copies the values of the properties that are not named.</summary>
    public void CopyOthers(T from, T to, IReadOnlySet<string> named)
    {
        foreach (var property in _properties.Where(p => !named.Contains(p.Name)))
        {
            property.SetValue(to, property.GetValue(from));
        }
    }
}
