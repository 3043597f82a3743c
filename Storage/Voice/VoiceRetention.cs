using System.Runtime.CompilerServices;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records;
using CloudStore.Storage.Voice.Profiles;
using CloudStore.Storage.Voice.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Voice;

/// <summary>How long what users said is kept: as each has chosen in their profile, within their tenant's bounds.</summary>
internal sealed class VoiceRetention(IOptions<VoiceOptions> options) : IPersonalRetention
{
    private const int Page = 500;

    public IReadOnlyList<string> Tables { get; } = [VoiceModel.Turns, VoiceModel.AudioFiles, VoiceModel.Sessions];

    public async IAsyncEnumerable<PersonsDue> DueAsync(StoreContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var now = context.Now();
        var after = Guid.Empty;
        bool anyBounds = options.Value.Retention.IsAny || options.Value.Tenants.Count > 0;
        while (true)
        {
            var last = after;
            // Users who were deleted have chosen as well. Without their encrypted fields, whose keys may be gone.
            var profiles = context.Set<UserProfile>().IgnoreQueryFilters().Where(p => p.DeletedAt == null);
            var page = await context.Set<User>().IgnoreQueryFilters().Where(u => u.Id > last && (anyBounds || profiles.Any(p => p.Tenant == u.Tenant && p.Username == u.Username && p.RetentionDays != null)))
                .OrderBy(u => u.Id).Take(Page)
                .Select(u => new { u.Id, u.Tenant, u.Username, Chosen = profiles.Where(p => p.Tenant == u.Tenant && p.Username == u.Username).Select(p => p.RetentionDays).FirstOrDefault() })
                .ToListAsync(cancellationToken);
            foreach (var group in page.GroupBy(u => (u.Tenant, Days: options.Value.BoundsOf(u.Tenant).DaysOf(u.Chosen))))
            {
                if (group.Key.Days is { } days)
                {
                    yield return new PersonsDue(group.Key.Tenant, [.. group.Select(u => u.Username).Distinct(StringComparer.Ordinal)], now.AddDays(-days));
                }
            }

            if (page.Count < Page)
            {
                yield break;
            }

            after = page[^1].Id;
        }
    }
}
