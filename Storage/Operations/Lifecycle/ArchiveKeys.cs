using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>The tokens of archived rows: which keys they need, and how they come under new ones.</summary>
public sealed class ArchiveKeys(Archive archive, FieldCipher fields) : IKeyUse
{
    // Version and most of the key's id: what of a token's base64 hangs on them alone.
    private const int MarkBytes = 15;
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All batches with tokens in them. What is archived later has tokens as the rows had when this was called, or younger ones.</summary>
    /// <param name="owner">Whose; <see cref="KeyRotation.AllTenants"/> for everybody's.</param>
    internal Task<List<string>> FilesAsync(StoreContext context, string owner, CancellationToken cancellationToken) => archive.LockedAsync(context,
        () => TablesOf(context).SelectMany(table => archive.Files(table, owner == KeyRotation.AllTenants ? null : owner)).ToList(), cancellationToken);

    /// <summary>Puts the tokens of a batch under the present keys. Those that do not open stay as they are.</summary>
    /// <returns>How many.</returns>
    internal Task<int> RenewAsync(StoreContext context, string file, bool encryptClear, CancellationToken cancellationToken) => archive.LockedAsync(context, () =>
    {
        var path = Archive.Now(file);
        if (!File.Exists(path))
        {
            return 0;
        }

        var table = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(path)!)!);
        var batches = RotationPlace.All(context).Where(p => p.Table == table).Select(p => (Place: p, Batch: new RotationBatch(fields, context, p, encryptClear))).ToList();
        int renewed = 0;
        var rows = ArchiveFile.Read(path).Select(row => Renew(row, batches, ref renewed)).ToList();
        if (renewed > 0)
        {
            ArchiveFile.Write(path, rows);
        }

        return renewed;
    }, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> FindAsync(StoreContext context, DataKey key, CancellationToken cancellationToken)
    {
        byte[] head = [FieldToken.Version, .. key.Id.ToByteArray(bigEndian: true)];
        var mark = Encoding.ASCII.GetBytes($"\"{Convert.ToBase64String(head, 0, MarkBytes)}");
        int found = 0;
        foreach (var file in await FilesAsync(context, key.Owner, cancellationToken))
        {
            var path = Archive.Now(file);
            found += File.Exists(path) ? ArchiveFile.Read(path).Count(row => row.AsSpan().IndexOf(mark) >= 0) : 0;
        }

        return found == 0 ? [] : [$"{found} archived rows"];
    }

    private static IEnumerable<string> TablesOf(StoreContext context) => RotationPlace.All(context).Select(p => p.Table).Distinct();

    private static byte[] Renew(byte[] bytes, List<(RotationPlace Place, RotationBatch Batch)> batches, ref int renewed)
    {
        var row = JsonNode.Parse(bytes)!.AsObject();
        bool changed = false;
        foreach (var (place, batch) in batches)
        {
            var column = place.Column;
            if (row[column]?.GetValueKind() == JsonValueKind.String
                && batch.Renew([new TokenRow(ArchiveFile.IdOf(bytes), (string)row["tenant"]!, Subject(row, place), Convert.FromBase64String((string)row[column]!))]) is [var change])
            {
                (row[column], changed) = (Convert.ToBase64String(change.Token), true);
            }
        }

        renewed += changed ? 1 : 0;
        return changed ? Encoding.UTF8.GetBytes(row.ToJsonString(Json)) : bytes;
    }

    private static string Subject(JsonObject row, RotationPlace place) => place.SubjectColumn is not { } column || row[column]?.GetValueKind() != JsonValueKind.String ? ""
        : place.SubjectIsId ? ArchiveFile.IdOf(row[column]!).ToString() : (string)row[column]!;
}
