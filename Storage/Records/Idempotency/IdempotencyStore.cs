using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Records.Idempotency;

/// <summary>
/// Keeps one answer for each Idempotency-Key of a tenant, over all processes. A claim is one inserted row, made before the work and outside its
/// transaction; a claim whose process died is taken over when its lease has passed. Answers are kept for 24 hours.
/// </summary>
public sealed class IdempotencyStore(IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>A running request renews its claim well within this time.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    private const int Attempts = 5;

    /// <summary>What of a request says for whom it acts: another user's is another request. Empty where it acts for nobody else; else behind a space, which no address has.</summary>
    public static string BehalfOf(HttpRequest request) => request.Headers[CallerScope.BehalfHeader].ToString() is { Length: > 0 } user ? $" {user}" : "";

    /// <summary>Claims the key, or gives the answer of the first request.</summary>
    /// <param name="route">Method and path.</param>
    /// <param name="requestHash">SHA-256 of all that must be the same for the request to be the same.</param>
    /// <exception cref="ProblemException">Of kind idempotency-mismatch or idempotency-running, or invalid for a key that breaks the rule.</exception>
    public async Task<IdempotencyOutcome> ClaimAsync(string tenant, string key, string route, byte[] requestHash, CancellationToken cancellationToken = default)
    {
        Validate(key);
        await using var scope = ScopeOf(tenant);
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        var claim = new IdempotencyClaim(tenant, key, Guid.CreateVersion7().ToString("N"));
        var strategy = context.Database.CreateExecutionStrategy();
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var now = context.Now();
            if (await strategy.ExecuteAsync(ct => InsertAsync(context, claim, route, requestHash, now, ct), cancellationToken))
            {
                return new IdempotencyOutcome(claim, null);
            }

            var entry = await Rows(context, tenant, key).AsNoTracking().FirstOrDefaultAsync(cancellationToken);
            if (entry?.Owner == claim.Owner)
            {
                // Inserted or taken over by an attempt whose answer was lost.
                return new IdempotencyOutcome(claim, null);
            }

            if (entry is null || await RemoveExpiredAsync(context, entry, now, cancellationToken))
            {
                continue;
            }

            if (!entry.RequestHash.AsSpan().SequenceEqual(requestHash))
            {
                throw Mismatch(key, entry.Route);
            }

            if (entry.Status is { } status)
            {
                return new IdempotencyOutcome(null, new IdempotentAnswer(status, entry.ContentType, entry.Location, entry.Etag, KeptAnswer.Open(context, entry)));
            }

            if (entry.LeaseUntil > now)
            {
                break;
            }

            if (await TakeOverAsync(context, entry, claim, now, cancellationToken))
            {
                return new IdempotencyOutcome(claim, null);
            }
        }

        throw new ProblemException(ProblemKind.IdempotencyRunning, $"The first request with the Idempotency-Key '{key}' is still running.") { RetryAfter = TimeSpan.FromSeconds(1) };
    }

    /// <summary>Keeps the answer. Does nothing where the claim was lost to another process in the meantime.</summary>
    public Task<bool> CompleteAsync(IdempotencyClaim claim, IdempotentAnswer answer, CancellationToken cancellationToken = default) =>
        OnOwnAsync(claim, (context, rows) => SetAnswerAsync(context, claim, rows, answer, cancellationToken));

    /// <summary>Gives the key free: the request did nothing, and may be sent again.</summary>
    public Task<bool> ReleaseAsync(IdempotencyClaim claim, CancellationToken cancellationToken = default) =>
        OnOwnAsync(claim, (_, rows) => rows.ExecuteDeleteAsync(cancellationToken));

    /// <summary>Prolongs the claim by another lease.</summary>
    public Task<bool> RenewAsync(IdempotencyClaim claim, CancellationToken cancellationToken = default)
    {
        var until = Micro(time.GetUtcNow() + Lease);
        return OnOwnAsync(claim, (_, rows) => rows.ExecuteUpdateAsync(s => s.SetProperty(k => k.LeaseUntil, until), cancellationToken));
    }

    /// <summary>Removes what is older than 24 hours, of all tenants.</summary>
    /// <returns>How many keys were removed.</returns>
    public async Task<int> RemoveExpiredAsync(CancellationToken cancellationToken = default)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        var now = context.Now();
        return await context.Set<IdempotencyEntry>().Where(k => k.ExpiresAt <= now && (k.Status != null || k.LeaseUntil <= now)).ExecuteDeleteAsync(cancellationToken);
    }

    internal static Task<int> SetAnswerAsync(
        StoreContext context, IdempotencyClaim claim, IQueryable<IdempotencyEntry> rows, IdempotentAnswer answer, CancellationToken cancellationToken)
    {
        var body = KeptAnswer.Seal(context, claim.Tenant, claim.Key, answer.Body);
        return rows.ExecuteUpdateAsync(s => s
            .SetProperty(k => k.Status, answer.Status)
            .SetProperty(k => k.ContentType, answer.ContentType)
            .SetProperty(k => k.Location, answer.Location)
            .SetProperty(k => k.Etag, answer.ETag)
            .SetProperty(k => k.Body, body), cancellationToken);
    }

    internal static ProblemException Mismatch(string key, string route) =>
        new(ProblemKind.IdempotencyMismatch, $"The Idempotency-Key '{key}' was used with another request ({route}). Use a fresh key for a new request.");

    /// <summary>Lets go of answers of a tenant whose text says something. The keys stay, so that no request is carried out again.</summary>
    /// <param name="context">One without a tenant.</param>
    /// <returns>How many answers.</returns>
    internal static async Task<int> ForgetAsync(StoreContext context, string tenant, Predicate<string> which, CancellationToken cancellationToken)
    {
        int forgotten = 0;
        var after = "";
        while (true)
        {
            var last = after;
            var page = await context.Set<IdempotencyEntry>().AsNoTracking().Where(k => k.Tenant == tenant && k.Key.CompareTo(last) > 0 && k.Body != null)
                .OrderBy(k => k.Key).Take(100).ToListAsync(cancellationToken);
            foreach (var entry in page.Where(e => KeptAnswer.Open(context, e) is { } body && which(System.Text.Encoding.UTF8.GetString(body))))
            {
                forgotten += await Rows(context, tenant, entry.Key).Where(k => k.Owner == entry.Owner).ExecuteUpdateAsync(s => s.SetProperty(k => k.Body, (byte[]?)null), cancellationToken);
            }

            if (page.Count < 100)
            {
                return forgotten;
            }

            after = page[^1].Key;
        }
    }

    internal static IQueryable<IdempotencyEntry> Rows(StoreContext context, string tenant, string key) =>
        context.Set<IdempotencyEntry>().Where(k => k.Tenant == tenant && k.Key == key);

    internal static async Task<bool> InsertAsync(StoreContext context, IdempotencyClaim claim, string route, byte[] hash, DateTime now, CancellationToken cancellationToken)
    {
        var (lease, created, expires) = (Instant(context, now + Lease), Instant(context, now), Instant(context, now + KeptFor));
        return await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO idempotency_keys (tenant, key, route, request_hash, owner, lease_until, created_at, expires_at)
            VALUES ({claim.Tenant}, {claim.Key}, {route}, {hash}, {claim.Owner}, {lease}, {created}, {expires}) ON CONFLICT (tenant, key) DO NOTHING
            """, cancellationToken) == 1;
    }

    internal static async Task<bool> RemoveExpiredAsync(StoreContext context, IdempotencyEntry entry, DateTime now, CancellationToken cancellationToken)
    {
        if (entry.ExpiresAt > now || (entry.Status is null && entry.LeaseUntil > now))
        {
            return false;
        }

        await Rows(context, entry.Tenant, entry.Key).Where(k => k.Owner == entry.Owner && k.LeaseUntil == entry.LeaseUntil).ExecuteDeleteAsync(cancellationToken);
        return true;
    }

    // Only one of several that find the same dead claim changes the row.
    internal static async Task<bool> TakeOverAsync(StoreContext context, IdempotencyEntry dead, IdempotencyClaim claim, DateTime now, CancellationToken cancellationToken)
    {
        var (owner, until) = (claim.Owner, now + Lease);
        return await Rows(context, dead.Tenant, dead.Key).Where(k => k.Owner == dead.Owner && k.Status == null && k.LeaseUntil <= now)
            .ExecuteUpdateAsync(s => s.SetProperty(k => k.Owner, owner).SetProperty(k => k.LeaseUntil, until), cancellationToken) == 1;
    }

    private async Task<bool> OnOwnAsync(IdempotencyClaim claim, Func<StoreContext, IQueryable<IdempotencyEntry>, Task<int>> change)
    {
        await using var scope = ScopeOf(claim.Tenant);
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        return await change(context, Rows(context, claim.Tenant, claim.Key).Where(k => k.Owner == claim.Owner && k.Status == null)) == 1;
    }

    // Of the tenant whose request it is: the work's connection then serves for the claim as it is.
    private AsyncServiceScope ScopeOf(string tenant)
    {
        var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerScope>().Current = Caller.System(tenant, "idempotency");
        return scope;
    }

    internal static void Validate(string key)
    {
        if (key.Length is 0 or > IdempotencyEntry.MaxKeyLength || key.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "Idempotency-Key", "length", $"Idempotency-Key must have 1 to {IdempotencyEntry.MaxKeyLength} printable ASCII characters.");
        }
    }

    private static DateTime Micro(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);

    private static object Instant(StoreContext context, DateTime at) => context.Dialect == StoreDialect.Sqlite ? SqliteEncoding.ToMicroseconds(at) : at;
}
