using System.Security.Cryptography;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>Makes the new tokens of a batch of rows, and counts what cannot be done.</summary>
internal sealed class RotationBatch(FieldCipher fields, StoreContext context, RotationPlace place, bool encryptClear)
{
    private readonly Dictionary<string, FieldPlace> _places = new(StringComparer.Ordinal);
    private readonly FieldReader _reader = new();

    public long Unreadable { get; private set; }

    public long InClear { get; private set; }

    /// <summary>The first problem with a row.</summary>
    public string? Problem { get; private set; }

    /// <summary>The rows whose token is not under the present key of its owner, or of the person that the row is about, with the tokens they should have.</summary>
    public List<(TokenRow Row, byte[] Token)> Renew(IReadOnlyList<TokenRow> rows)
    {
        var changes = new List<(TokenRow, byte[])>(rows.Count);
        foreach (var row in rows)
        {
            try
            {
                if (Renew(row) is { } token)
                {
                    changes.Add((row, token));
                }
            }
            catch (ProblemException e)
            {
                Unreadable++;
                Problem ??= e.Message;
            }
        }

        CryptographicOperations.ZeroMemory(_reader.Room(_reader.Bytes.Length));
        return changes;
    }

    private byte[]? Renew(TokenRow row)
    {
        if (!_places.TryGetValue(row.Tenant, out var where))
        {
            where = _places[row.Tenant] = new FieldPlace(row.Tenant, place.Table, place.Column);
        }

        if (FieldToken.IsClear(row.Token))
        {
            if (!encryptClear || !fields.Enabled)
            {
                InClear++;
                return null;
            }
        }
        else if (FieldToken.IsEncrypted(row.Token) && fields.Keys.Find(FieldToken.KeyId(row.Token), context).Key is { State: KeyState.Active } key
            && key.Tenant == row.Tenant && key.Subject == row.Subject)
        {
            return null;
        }

        fields.Open(where, row.Id, row.Token, _reader, context, evenClear: true);
        return fields.Enabled ? fields.Seal(where, row.Id, _reader.Bytes, row.Subject, context) : null;
    }
}
