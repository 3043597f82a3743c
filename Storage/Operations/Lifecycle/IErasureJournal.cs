using CloudStore.Storage.Records;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>A content that is to go with the row that named it.</summary>
/// <param name="Backend">Where it is; null among the staged contents.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Bytes">Of the file; 0 for a staged one.</param>
public sealed record ErasedContent(string? Backend, string Name, long Bytes);

/// <summary>What one transaction of an erasure removes.</summary>
/// <param name="Table">Whose rows.</param>
/// <param name="Rows">How many.</param>
/// <param name="Archived">Archived rows, which went before.</param>
/// <param name="Spooled">Writes that waited for the database.</param>
/// <param name="Contents">Contents that nothing names any more when it is committed, and which are removed then.</param>
public sealed record ErasedPart(string Table, int Rows, int Archived = 0, int Spooled = 0, IReadOnlyList<ErasedContent>? Contents = null);

/// <summary>
/// Keeps what an erasure has removed, so that one that was killed can be gone on with and tells of all of it. A part is noted in the transaction that removes it: both are there, or neither.
/// </summary>
public interface IErasureJournal
{
    /// <param name="context">With the transaction, if there is one.</param>
    Task NoteAsync(StoreContext context, ErasedPart part, CancellationToken cancellationToken);

    /// <summary>Contents of noted parts that may still be there.</summary>
    Task<IReadOnlyList<ErasedContent>> PendingAsync(CancellationToken cancellationToken);

    /// <summary>They are gone.</summary>
    /// <param name="unreached">Those whose backend the settings do not name any more: without their keys, they cannot be read where they are.</param>
    Task SettleAsync(int unreached, CancellationToken cancellationToken);
}

/// <summary>What is to be erased.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Subject">The person; null for the whole tenant.</param>
/// <param name="Actor">Who wants it.</param>
public sealed record ErasureOrder(string Tenant, string? Subject, string Actor)
{
    /// <summary>What the person is known by besides, such as an email: looked for where they are named in passing.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>Null where nobody goes on with it after a kill but by repeating it.</summary>
    public IErasureJournal? Journal { get; init; }
}
