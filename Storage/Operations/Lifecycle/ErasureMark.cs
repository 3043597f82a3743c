using System.Security.Cryptography;
using System.Text;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>
/// That a person or a tenant was erased, so that a write which waited in the spool of some process at that time does not bring them back. Of the person's name,
/// a hash is kept whose key is a secret of the installation: a guess cannot be tried against it.
/// </summary>
public sealed class ErasureMark : Record
{
    /// <summary>HMAC-SHA-256, under the erasure key, of the SHA-256 of the tenant and the person; null for a whole tenant.</summary>
    public byte[]? SubjectHash { get; set; }

    /// <summary>False where it is still the SHA-256 alone, as older versions wrote it; the next start changes it.</summary>
    public bool Keyed { get; set; }

    internal static ErasureMark Of(ErasureKeyring keys, string tenant, string? subject) => new() { SubjectHash = subject is null ? null : Hash(keys, tenant, subject), Keyed = true };

    /// <summary>Whether what was received at that instant, of that tenant and about those persons, was erased since.</summary>
    internal static async Task<bool> CoversAsync(StoreContext context, ErasureKeyring keys, DateTime receivedAt, IEnumerable<string> subjects, CancellationToken cancellationToken)
    {
        var marks = await context.Set<ErasureMark>().AsNoTracking().Where(m => m.CreatedAt >= receivedAt).Select(m => new { m.SubjectHash, m.Keyed }).ToListAsync(cancellationToken);
        return marks.Count > 0 && (marks.Exists(m => m.SubjectHash is null)
            || subjects.Any(s => marks.Exists(m => m.SubjectHash.AsSpan().SequenceEqual(m.Keyed ? Hash(keys, context.Tenant!, s) : Unkeyed(context.Tenant!, s)))));
    }

    /// <summary>What older versions kept.</summary>
    internal static byte[] Unkeyed(string tenant, string subject) => SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}\n{subject}"));

    private static byte[] Hash(ErasureKeyring keys, string tenant, string subject) => HMACSHA256.HashData(keys.Key, Unkeyed(tenant, subject));

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<ErasureMark>(e =>
            {
                e.ToTable("erasure_marks");
                e.HasIndex(m => new { m.Tenant, m.CreatedAt });
                e.Property(m => m.Keyed).HasDefaultValue(false);
            });
    }
}
