using System.Security.Cryptography;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Files.Uploads;

/// <summary>How a client wants its bytes checked.</summary>
/// <param name="Algorithm">sha1 or sha256.</param>
/// <param name="Digest">What they must come to.</param>
public sealed record UploadChecksum(HashAlgorithmName Algorithm, byte[] Digest);

/// <summary>
/// Resumable uploads: what has arrived is kept at each break of the connection and at least every <see cref="FilesOptions.SegmentBytes"/>, so that neither a cut line nor a killed process loses
/// more. Of two that write to one upload at once, one is told that its offset is not the upload's.
/// </summary>
public sealed class UploadService(RecordStore<FileUpload> store, StoreContext context, UploadContents contents, FileService files, FileRights access, CallerScope caller, FileQuota quota, UploadFinish finish, UploadFinisher finisher,
    IOptions<FilesOptions> options)
{
    /// <param name="length">Null where the client says it later.</param>
    /// <exception cref="ProblemException">Of kind invalid, too-large or insufficient-storage.</exception>
    public async Task<FileUpload> CreateAsync(long? length, string? metadata, bool isPartial, CancellationToken cancellationToken = default)
    {
        files.Require(UploadMetadata.Read(metadata));
        await RequireRoomAsync(length, cancellationToken);
        var upload = new FileUpload { Owner = access.User, Metadata = metadata, Length = length, IsPartial = isPartial, ExpiresAt = NextExpiry() };
        await store.CreateAsync(upload, cancellationToken);
        return upload;
    }

    /// <summary>Puts finished parts together to one file.</summary>
    /// <exception cref="ProblemException">Of kind invalid, where one is not there, no part, or not finished.</exception>
    public async Task<FileUpload> ConcatenateAsync(IReadOnlyList<Guid> parts, string? metadata, CancellationToken cancellationToken = default)
    {
        files.Require(UploadMetadata.Read(metadata));
        string? whole = null;
        long length = 0;
        foreach (var id in parts)
        {
            var part = await store.Query.FirstOrDefaultAsync(u => u.Id == id, cancellationToken);
            if (part is null || part.Owner != access.User || !part.IsPartial || part.Offset != part.Length || part.ExpiresAt <= context.Now())
            {
                throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Concat", "finished-part", $"Upload-Concat names {id}, which is no finished part.");
            }

            whole ??= contents.RegionOf(new FileUpload { Tenant = part.Tenant, Owner = part.Owner, Metadata = metadata });
            if (contents.RegionOf(part) is var region && !string.Equals(region, whole, StringComparison.OrdinalIgnoreCase))
            {
                throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Concat", "region",
                    $"Upload-Concat names {id}, whose region is {region ?? "none"}; the whole's is {whole ?? "none"}. Say the region in the Upload-Metadata of the parts as well.");
            }

            length += part.Offset;
        }

        // The parts' bytes count already; whether the file fits is looked at when it is made.
        var upload = new FileUpload
        {
            Id = RecordId.Next(context.Time), Owner = access.User, Metadata = metadata, Length = length, Offset = length, Parts = string.Join(' ', parts), ExpiresAt = NextExpiry(),
        };
        await CreateOfPartsAsync(upload, cancellationToken);
        return await FinishAsync(upload, cancellationToken);
    }

    /// <summary>An upload as it stands. One whose bytes are all there, but whose file is not because a process was killed, becomes its file from now on; this does not wait for it.</summary>
    /// <exception cref="ProblemException">Of kind not-found or expired.</exception>
    public async Task<FileUpload> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var upload = await FindAsync(id, cancellationToken);
        if (IsComplete(upload))
        {
            finisher.Start(upload, caller.Required.Actor);
        }

        return upload;
    }

    /// <summary>An upload as it stands, and stays.</summary>
    /// <exception cref="ProblemException">Of kind not-found or expired.</exception>
    public async Task<FileUpload> FindAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var upload = await store.Query.FirstOrDefaultAsync(u => u.Id == id, cancellationToken);
        if (upload is null || (upload.Owner != access.User && !access.SeesAll))
        {
            throw new ProblemException(ProblemKind.NotFound, $"There is no upload {id}.");
        }

        return upload.ExpiresAt > context.Now() ? upload : throw new ProblemException(ProblemKind.Expired, $"The upload {id} has expired.");
    }

    /// <summary>Takes bytes at the upload's end. A body that breaks off counts as far as it came, unless it has a checksum.</summary>
    /// <param name="length">The upload's length, where the client says it only now.</param>
    /// <exception cref="ProblemException">Of kind not-found, expired, conflict (the offset), too-large, checksum or insufficient-storage.</exception>
    public async Task<FileUpload> AppendAsync(FileUpload upload, long offset, long? length, Stream body, long? bodyBytes, UploadChecksum? checksum, CancellationToken cancellationToken = default)
    {
        if (upload.Parts is not null)
        {
            throw new ProblemException(ProblemKind.Forbidden, "An upload that is put together of others takes no bytes of its own.");
        }

        if (offset != upload.Offset)
        {
            throw new ProblemException(ProblemKind.Conflict, $"The upload is at offset {upload.Offset}, not {offset}.");
        }

        upload = length is null ? upload : await SetLengthAsync(upload, length.Value, cancellationToken);
        long room = upload.Length is { } whole ? whole - offset : options.Value.MaxBytes - offset;
        long left = await quota.LeftAsync(upload.Owner, cancellationToken: cancellationToken);
        if ((bodyBytes ?? 1) is > 0 and var least && least > left && least <= room)
        {
            throw await quota.RefusalAsync(upload.Owner, least, cancellationToken);
        }

        if (bodyBytes > room)
        {
            throw new ProblemException(ProblemKind.TooLarge, $"There are more bytes than the {room:N0} that the upload still takes.");
        }

        var place = contents.PlaceOf(upload);
        using var hash = checksum is null ? null : IncrementalHash.CreateHash(checksum.Algorithm);
        var arriving = new ArrivingBody(body, Math.Min(room, left), hash);
        try
        {
            await (checksum is null ? AppendPiecesAsync(upload, place, arriving) : AppendCheckedAsync(upload, place, arriving, hash!, checksum));
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.TooLarge && left < room)
        {
            throw await quota.RefusalAsync(upload.Owner, left, CancellationToken.None);
        }

        if (arriving.Failure is { } failure && failure is not OperationCanceledException)
        {
            throw new ProblemException(ProblemKind.Malformed, "The body broke off; what had arrived is kept.", inner: failure);
        }

        upload = await store.FindAsync(upload.Id, CancellationToken.None);
        return IsComplete(upload) ? await FinishAsync(upload, cancellationToken) : upload;
    }

    /// <summary>Gives an upload up, with what has arrived of it.</summary>
    public Task TerminateAsync(FileUpload upload, CancellationToken cancellationToken = default) => finish.RemoveAsync(upload.Id, cancellationToken);

    // Whoever does not wait any longer ends nothing.
    private async Task<FileUpload> FinishAsync(FileUpload upload, CancellationToken cancellationToken)
    {
        await finisher.FinishAsync(upload, caller.Required.Actor).WaitAsync(cancellationToken);
        return await store.FindAsync(upload.Id, cancellationToken);
    }

    private static bool IsComplete(FileUpload upload) => upload is { IsPartial: false, IsDone: false } && upload.Offset == upload.Length;

    private DateTime NextExpiry() => context.Now().AddHours(options.Value.UploadHours);

    private async Task RequireRoomAsync(long? length, CancellationToken cancellationToken)
    {
        if (length > Math.Min(options.Value.MaxBytes, await quota.LeftAsync(access.User, cancellationToken: cancellationToken)))
        {
            throw await quota.RefusalAsync(access.User, length.Value, cancellationToken);
        }
    }

    private async Task<FileUpload> SetLengthAsync(FileUpload upload, long length, CancellationToken cancellationToken)
    {
        if (upload.Length is null)
        {
            await RequireRoomAsync(length, cancellationToken);
        }

        // On the record as it is stored: bytes may be streaming in, and another request may say a length, at this moment.
        return await store.UpdateAsync(upload.Id, null, u =>
        {
            if (u.Length is { } known && known != length)
            {
                throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Length", "once", $"The upload's length is {known} and cannot change to {length}.");
            }

            u.Length = length >= u.Offset ? length
                : throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Length", "range", $"Upload-Length is {length}, and {u.Offset} bytes are there already.");
        }, cancellationToken);
    }

    // Both or neither: a final whose parts go before it would never become a file.
    private Task CreateOfPartsAsync(FileUpload upload, CancellationToken cancellationToken) => context.Database.CreateExecutionStrategy().ExecuteAsync(async ct =>
    {
        context.ChangeTracker.Clear();
        await using var transaction = await context.Database.BeginTransactionAsync(ct);
        if (await store.Query.AnyAsync(u => u.Id == upload.Id, ct))
        {
            // Tried again after a commit whose answer was lost.
            return;
        }

        var (ids, owner, now, end) = (upload.PartIds.Distinct().ToList(), upload.Owner, context.Now(), upload.ExpiresAt);
        int prolonged = await context.Set<FileUpload>().Where(u => ids.Contains(u.Id) && u.Owner == owner && u.IsPartial && u.Offset == u.Length && u.ExpiresAt > now)
            .ExecuteUpdateAsync(s => s.SetProperty(u => u.ExpiresAt, end), ct);
        if (prolonged != ids.Count)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "Upload-Concat", "finished-part", "Upload-Concat names a part that was given up or expired at this moment.");
        }

        await store.CreateAsync(upload, ct);
        await transaction.CommitAsync(ct);
    }, cancellationToken);

    // The client may be gone by now: what has arrived is kept all the same.
    private async Task AppendPiecesAsync(FileUpload upload, UploadPlace place, ArrivingBody arriving)
    {
        long offset = upload.Offset;
        do
        {
            arriving.Continue(options.Value.SegmentBytes);
            var piece = await place.Contents.WriteAsync(context.Tenant!, arriving, long.MaxValue, upload.Owner, CancellationToken.None);
            await KeepAsync(upload, place, [(offset, piece)]);
            offset += piece.Bytes;
        }
        while (!arriving.Ended);
    }

    // Nothing counts before all of it was checked.
    private async Task AppendCheckedAsync(FileUpload upload, UploadPlace place, ArrivingBody arriving, IncrementalHash hash, UploadChecksum checksum)
    {
        arriving.Continue(long.MaxValue);
        var piece = await place.Contents.WriteAsync(context.Tenant!, arriving, long.MaxValue, upload.Owner, CancellationToken.None);
        if (arriving.Failure is not null || !CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), checksum.Digest))
        {
            await place.Contents.DeleteAsync(piece.Name, overwrite: true);
            throw arriving.Failure is { } broken
                ? new ProblemException(ProblemKind.Malformed, "The body broke off before its checksum could be compared; nothing of it is kept.", inner: broken)
                : new ProblemException(ProblemKind.Checksum, $"The bytes that arrived have another {checksum.Algorithm.Name} than Upload-Checksum says.");
        }

        await KeepAsync(upload, place, [(upload.Offset, piece)]);
    }

    private async Task KeepAsync(FileUpload upload, UploadPlace place, IReadOnlyList<(long Start, StoredContent Content)> pieces)
    {
        foreach (var (start, piece) in pieces)
        {
            if (piece.Bytes == 0)
            {
                await place.Contents.DeleteAsync(piece.Name);
                continue;
            }

            if (!await MoveAsync(upload, place, start, piece))
            {
                await place.Contents.DeleteAsync(piece.Name, overwrite: true);
                throw await NotMovedAsync(upload, start, start + piece.Bytes);
            }
        }
    }

    // The offset moves in the transaction of the segment, from where this writer saw it: of two writers one does.
    private async Task<bool> MoveAsync(FileUpload upload, UploadPlace place, long start, StoredContent piece)
    {
        var (now, expiry, end) = (context.Now(), NextExpiry(), start + piece.Bytes);
        try
        {
            return await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
            {
                context.ChangeTracker.Clear();
                await using var transaction = await context.Database.BeginTransactionAsync();
                int moved = await context.Set<FileUpload>().Where(u => u.Id == upload.Id && u.Offset == start && u.ExpiresAt > now && (u.Length == null || end <= u.Length))
                    .ExecuteUpdateAsync(s => s.SetProperty(u => u.Offset, end).SetProperty(u => u.ExpiresAt, expiry).SetProperty(u => u.UpdatedAt, now).SetProperty(u => u.Revision, u => u.Revision + 1));
                if (moved == 0)
                {
                    // Tried again after a commit whose answer was lost, it finds its own segment.
                    return await IsSegmentAsync(piece);
                }

                context.Add(new UploadSegment { UploadId = upload.Id, Owner = upload.Owner, Start = start, Bytes = piece.Bytes, Content = piece.Name, Backend = place.Backend });
                await context.SaveChangesAsync();
                await transaction.CommitAsync();
                return true;
            });
        }
        catch (Exception e)
        {
            // Content that a segment may name is never removed; what nobody names in the end is found by the keeper.
            bool? there = await TryIsSegmentAsync(piece);
            if (there == true)
            {
                return true;
            }

            if (there == false && !StoreFailures.IsDatabaseAway(e))
            {
                await place.Contents.DeleteAsync(piece.Name, overwrite: true);
            }

            throw;
        }
    }

    private Task<bool> IsSegmentAsync(StoredContent piece) => context.Set<UploadSegment>().AnyAsync(s => s.Content == piece.Name, CancellationToken.None);

    private async Task<bool?> TryIsSegmentAsync(StoredContent piece)
    {
        try
        {
            return await IsSegmentAsync(piece);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return null;
        }
    }

    private async Task<ProblemException> NotMovedAsync(FileUpload upload, long start, long end)
    {
        var now = await store.Query.FirstOrDefaultAsync(u => u.Id == upload.Id, CancellationToken.None);
        return now is { Length: { } length } && now.Offset == start && end > length
            ? new ProblemException(ProblemKind.TooLarge, $"There are more bytes than the {length - start:N0} that the upload still takes.")
            : new ProblemException(ProblemKind.Conflict, $"Another request has written to the upload, or ended it; ask for its offset again, it is not {start} any more.");
    }
}
