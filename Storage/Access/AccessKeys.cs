using System.Text.RegularExpressions;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Access;

/// <summary>What is asked for when a key is made.</summary>
/// <param name="Name">What it is for; 1 to 200 characters.</param>
/// <param name="ExpiresAt">In the future; null for a key that does not expire.</param>
/// <param name="Tenant">Another tenant than the caller's: for operators of the tenant <c>default</c> only.</param>
public sealed record KeyDraft(string Name, Role Role, DateTimeOffset? ExpiresAt = null, string? Tenant = null);

/// <summary>A key that was made, with the text that can be seen this once.</summary>
public sealed record NewKey(AccessKey Key, string Text);

/// <summary>Manages the keys of the caller's tenant.</summary>
public sealed partial class AccessKeys(StoreContext context, Func<Pager> pager, KeyVerifier verifier, CallerScope caller, IServiceProvider services)
{
    /// <summary>The tenant of the first key; its operators make keys for other tenants.</summary>
    public const string DefaultTenant = "default";

    private static readonly SortKey<AccessKey>[] SortKeys = [SortKey<AccessKey>.By("createdAt", k => k.Id), SortKey<AccessKey>.By("name", k => k.Name)];

    /// <exception cref="ProblemException">The draft breaks a rule, or names a tenant the caller may not make keys for.</exception>
    public async Task<NewKey> CreateAsync(KeyDraft draft, CancellationToken cancellationToken = default)
    {
        Validate(draft);
        var by = caller.Required;
        if (draft.Tenant is not { } tenant || tenant == by.Tenant)
        {
            return await AddAsync(context, draft, cancellationToken);
        }

        if (by.Tenant != DefaultTenant)
        {
            throw new ProblemException(ProblemKind.Forbidden, $"Keys of another tenant can be made by operators of the tenant '{DefaultTenant}' only; this key is of '{by.Tenant}'.");
        }

        await using var other = services.CreateScopeFor(by with { Tenant = tenant });
        other.ServiceProvider.GetRequiredService<CallerScope>().Request = caller.Request;
        return await AddAsync(other.ServiceProvider.GetRequiredService<StoreContext>(), draft, cancellationToken);
    }

    public Task<Page<AccessKey>> ListAsync(PageRequest request, CancellationToken cancellationToken = default) =>
        pager().PageAsync(context.Set<AccessKey>(), SortKeys, request, cancellationToken);

    /// <exception cref="ProblemException">Of kind not-found.</exception>
    public async Task<AccessKey> GetAsync(string keyId, CancellationToken cancellationToken = default) =>
        await context.Set<AccessKey>().AsNoTracking().FirstOrDefaultAsync(k => k.KeyId == keyId, cancellationToken) ?? throw NotFound(keyId);

    /// <summary>Ends a key for good. In this process it is refused at once, in others within the bound of the cache, and where they cannot hear of it within half a minute. Revoking it again changes nothing.</summary>
    /// <param name="precondition">Looks at the key, under the lock, and throws to leave it as it is.</param>
    /// <exception cref="ProblemException">Of kind not-found, or conflict where it is the tenant's last operator key.</exception>
    public async Task<AccessKey> RevokeAsync(string keyId, Action<AccessKey>? precondition = null, CancellationToken cancellationToken = default)
    {
        var key = await KeysLock.RunAsync(context, async () =>
        {
            var key = await context.Set<AccessKey>().FirstOrDefaultAsync(k => k.KeyId == keyId, cancellationToken) ?? throw NotFound(keyId);
            precondition?.Invoke(key);
            if (key.RevokedAt is null)
            {
                await RefuseLastOperatorAsync(key, cancellationToken);
                key.RevokedAt = context.Now();
                await context.SaveChangesAsync(cancellationToken);
            }

            return key;
        }, cancellationToken);
        verifier.Forget(keyId);
        return key;
    }

    private async Task RefuseLastOperatorAsync(AccessKey key, CancellationToken cancellationToken)
    {
        var now = context.Now();
        bool inForce = key.ExpiresAt is null || key.ExpiresAt > now;
        if (key.Role == Role.Operator && inForce && !await context.Set<AccessKey>().AnyAsync(
                k => k.Role == Role.Operator && k.KeyId != key.KeyId && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now), cancellationToken))
        {
            throw new ProblemException(ProblemKind.Conflict,
                $"'{key.KeyId}' is the last operator key of the tenant; without it nobody could manage its keys. Make another operator key first.");
        }
    }

    private async Task<NewKey> AddAsync(StoreContext store, KeyDraft draft, CancellationToken cancellationToken)
    {
        var (id, hash, text) = KeyText.Create();
        var key = new AccessKey { KeyId = id, SecretHash = hash, Name = draft.Name, Role = draft.Role, ExpiresAt = draft.ExpiresAt is { } at ? Micro(at) : null };
        store.Add(key);
        await store.SaveChangesAsync(cancellationToken);
        verifier.Forget(id);
        return new NewKey(key, text);
    }

    private void Validate(KeyDraft draft)
    {
        var errors = new List<ProblemError>();
        if (string.IsNullOrWhiteSpace(draft.Name) || draft.Name.Length > AccessKey.MaxNameLength)
        {
            errors.Add(new("name", "length", $"name must have 1 to {AccessKey.MaxNameLength} characters."));
        }

        if (!Enum.IsDefined(draft.Role))
        {
            errors.Add(new("role", "known-role", "role must be one of reader, writer, operator."));
        }

        if (draft.ExpiresAt <= context.Now())
        {
            errors.Add(new("expiresAt", "future", $"expiresAt must be in the future; it is {draft.ExpiresAt:yyyy-MM-ddTHH:mm:ssZ}."));
        }

        if (draft.Tenant is not null && !TenantForm().IsMatch(draft.Tenant))
        {
            errors.Add(new("tenant", "tenant-id", "tenant must have 1 to 63 characters, each a lower-case letter, a digit or a hyphen."));
        }

        if (errors.Count > 0)
        {
            throw new ProblemException(ProblemKind.Invalid, string.Join(' ', errors.Select(e => e.Message)), errors);
        }
    }

    private static DateTime Micro(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);

    private static ProblemException NotFound(string keyId) => new(ProblemKind.NotFound, $"The tenant has no access key '{keyId}'.");

    [GeneratedRegex(@"^[a-z0-9-]{1,63}\z")]
    private static partial Regex TenantForm();
}
