using System.Security.Cryptography;
using System.Text;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>
/// That a person or a tenant was erased, so that a write which waited in the spool of some process at that time does not bring them back. Of the person's name,
/// a hash is kept.
/// </summary>
public sealed class ErasureMark : Record
{
    /// <summary>SHA-256 of the tenant and the person; null for a whole tenant.</summary>
    public byte[]? SubjectHash { get; set; }

    /// <summary>Whether what was received at that instant, of that tenant and about those persons, was erased since.</summary>
    internal static async Task<bool> CoversAsync(StoreContext context, DateTime receivedAt, IEnumerable<string> subjects, CancellationToken cancellationToken)
    {
        var marks = await context.Set<ErasureMark>().AsNoTracking().Where(m => m.CreatedAt >= receivedAt).Select(m => m.SubjectHash).ToListAsync(cancellationToken);
        return marks.Count > 0 && (marks.Contains(null) || subjects.Any(s => marks.Exists(m => m.AsSpan().SequenceEqual(Hash(context.Tenant!, s)))));
    }

    internal static byte[] Hash(string tenant, string subject) => SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}\n{subject}"));

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<ErasureMark>(e =>
            {
                e.ToTable("erasure_marks");
                e.HasIndex(m => new { m.Tenant, m.CreatedAt });
            });
    }
}
