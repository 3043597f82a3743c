using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records.Idempotency;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>Writes that need not wait for the database, and what became of them; for the scope's caller.</summary>
public sealed class SpoolService(Spool spool, StoreContext context, CallerScope caller, IdempotencyScope idempotency, IOptions<JsonOptions> json, TimeProvider time)
{
    /// <summary>
    /// Stores now; or keeps what <paramref name="body"/> writes down in the spool, where the database cannot be reached. While something waits already, new
    /// writes wait behind it and are not held up by a database that does not answer. So do those whose Idempotency-Key could not be claimed: the entry has the key, which
    /// is claimed in the transaction that stores it.
    /// </summary>
    /// <param name="target">Name of the <see cref="ISpoolTarget"/> that will take it.</param>
    /// <param name="store">Stores it in the database.</param>
    /// <param name="body">Writes down what the target needs.</param>
    /// <param name="cancellationToken">Cancels, until the entry is taken.</param>
    /// <returns>What <paramref name="store"/> gave, or the waiting entry.</returns>
    /// <exception cref="ProblemException">What <paramref name="store"/> throws, where it is anything but a database that is away.</exception>
    public async Task<(T? Stored, SpoolEntryView? Waiting)> StoreOrSpoolAsync<T>(string target, Func<CancellationToken, Task<T>> store, Func<byte[]> body, CancellationToken cancellationToken = default)
        where T : class
    {
        if (spool.Count == 0 && idempotency.Current is not { Owner: null })
        {
            try
            {
                return (await store(cancellationToken), null);
            }
            catch (Exception e) when (StoreFailures.IsDatabaseAway(e))
            {
                // Kept below.
            }
        }

        var entry = WithKey(new SpoolEntry(RecordId.Next(time), caller.Required.Tenant, caller.Required.Actor, target, context.Now(), body()));
        await spool.AppendAsync(entry, cancellationToken);
        return (null, SpoolEntryView.Waiting(entry));
    }

    // The answer goes along, so that whichever process stores the entry keeps the one that was given.
    private SpoolEntry WithKey(SpoolEntry entry) => idempotency.Current is not { } request ? entry
        : entry with { Key = new SpooledKey(request, JsonSerializer.SerializeToUtf8Bytes(SpoolEntryView.Waiting(entry), json.Value.SerializerOptions)) };

    /// <exception cref="ProblemException">Of kind not-found: no such entry of the tenant, or one that another process holds and has not applied yet.</exception>
    public async Task<SpoolEntryView> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        if (spool.Find(caller.Required.Tenant, id) is { } waiting)
        {
            return waiting;
        }

        var outcome = await context.Set<SpoolOutcome>().AsNoTracking().FirstOrDefaultAsync(o => o.Id == id, cancellationToken);
        return outcome?.View() ?? throw new ProblemException(ProblemKind.NotFound, $"There is no spooled entry {id}, or another process holds it and has not applied it yet.");
    }
}
