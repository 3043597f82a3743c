using CloudStore.Storage.Records.Idempotency;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>What the database says of a spooled request's key.</summary>
internal enum KeyClaim
{
    /// <summary>It is this request's: it is to be carried out, and its repeats get its answer.</summary>
    Own,

    /// <summary>Another process carried the same request out.</summary>
    CarriedOut,

    /// <summary>Another request came with it first.</summary>
    OtherRequest,
}

/// <summary>The same request is being carried out by another process at this moment; the spool waits for how that ends.</summary>
internal sealed class KeyInUseException(string key) : Exception($"The Idempotency-Key '{key}' is in use by another process.");

/// <summary>
/// Claims the key of a spooled request, in the transaction that carries it out: either both are stored or none, so that the request counts once whichever way its
/// sender repeats it meanwhile.
/// </summary>
internal static class SpooledKeyClaim
{
    private const int Attempts = 3;

    /// <param name="context">With the transaction, for the entry's tenant.</param>
    /// <param name="entry">One with a key.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="KeyInUseException">It is not decided yet.</exception>
    public static async Task<KeyClaim> ClaimAsync(StoreContext context, SpoolEntry entry, CancellationToken cancellationToken)
    {
        var request = entry.Key!.Request;
        var answer = SpooledKey.AnswerOf(entry);
        var owner = request.Owner ?? entry.Id.ToString("N");
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var now = context.Now();
            var claim = new IdempotencyClaim(entry.Tenant, request.Key, owner);
            if (await IdempotencyStore.InsertAsync(context, claim, request.Route, request.RequestHash, now, cancellationToken))
            {
                await CompleteAsync(context, claim, answer, cancellationToken);
                return KeyClaim.Own;
            }

            var found = await IdempotencyStore.Rows(context, entry.Tenant, request.Key).AsNoTracking().FirstOrDefaultAsync(cancellationToken);
            if (found is null || await IdempotencyStore.RemoveExpiredAsync(context, found, now, cancellationToken))
            {
                continue;
            }

            if (!found.RequestHash.AsSpan().SequenceEqual(request.RequestHash))
            {
                return KeyClaim.OtherRequest;
            }

            // Its own claim, made before the database went away: its answer may or may not have been kept.
            if (found.Owner == owner || (found.Status is null && found.LeaseUntil <= now && await IdempotencyStore.TakeOverAsync(context, found, claim, now, cancellationToken)))
            {
                await CompleteAsync(context, claim, answer, cancellationToken);
                return KeyClaim.Own;
            }

            if (found.Status is not null)
            {
                return KeyClaim.CarriedOut;
            }
        }

        throw new KeyInUseException(request.Key);
    }

    private static Task<int> CompleteAsync(StoreContext context, IdempotencyClaim claim, IdempotentAnswer answer, CancellationToken cancellationToken) =>
        IdempotencyStore.SetAnswerAsync(context, claim, IdempotencyStore.Rows(context, claim.Tenant, claim.Key).Where(k => k.Owner == claim.Owner && k.Status == null), answer, cancellationToken);
}
