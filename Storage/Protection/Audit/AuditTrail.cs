using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// For what is no change of a record and belongs into the audit nevertheless: reads of protected data, exports, operations on keys. Changes of records are
/// audited by themselves.
/// </summary>
public sealed class AuditTrail(StoreContext context)
{
    /// <summary>
    /// Adds an event, in the context's transaction if it has one: then it is there exactly when what it tells of is.
    /// </summary>
    /// <exception cref="System.Data.Common.DbException">It could not be written; then what it tells of must not happen either.</exception>
    public Task NoteAsync(AuditNote note, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(note);
        return context.Audit is { } audit ? AuditStatement.AddAsync(context, audit.Create(context, note), cancellationToken) : Task.CompletedTask;
    }

    /// <summary>
    /// Notes that protected data of these records is about to be given out: one event, with the record's id where it is one, else how many they are and the hash of
    /// their ids. Call it before the answer is sent. Reading nothing is no event.
    /// </summary>
    /// <param name="table">The records' table.</param>
    /// <param name="ids">Whose protected fields the caller gets to see.</param>
    /// <param name="details">What was asked for, e.g. an aggregate's name; nothing that belongs to a person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task ReadAsync(string table, IReadOnlyCollection<Guid> ids, JsonObject? details = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return ids.Count switch
        {
            0 => Task.CompletedTask,
            1 => NoteAsync(new AuditNote(AuditAction.Read, table, ids.First(), Details: details), cancellationToken),
            _ => NoteAsync(new AuditNote(AuditAction.Read, table, Items: ids.Count, After: HashOf(ids), Details: details), cancellationToken),
        };
    }

    /// <summary>SHA-256 over the ids in rising order, 16 bytes each, big-endian: whoever knows which records were read can check it.</summary>
    public static byte[] HashOf(IReadOnlyCollection<Guid> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[16];
        // Guid's own order is that of its big-endian bytes.
        foreach (var id in ids.Order())
        {
            id.TryWriteBytes(bytes, bigEndian: true, out _);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }
}
