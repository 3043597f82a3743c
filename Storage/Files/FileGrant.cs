using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Files;

/// <summary>What a user may do with a file of somebody else; each right includes those before it.</summary>
public enum FileRight
{
    Read,

    /// <summary>Changes what is known of it, and deletes it.</summary>
    Write,

    /// <summary>Grants others what they may do.</summary>
    Owner,
}

/// <summary>A right of one user to one file.</summary>
public sealed class FileGrant : Record
{
    public required string Key { get; set; }

    public Guid FileId { get; set; }

    public required string Grantee { get; set; }

    public FileRight Right { get; set; }

    /// <summary>UTC; null: until it is taken back.</summary>
    public DateTime? ExpiresAt { get; set; }

    internal static string KeyOf(Guid file, string user) => $"{file:n} {user}";

    internal sealed class Model : IRecordModel
    {
        public void Configure(ModelBuilder model, StoreDialect dialect) =>
            model.Entity<FileGrant>(e =>
            {
                e.ToTable("file_grants");
                e.HasKeySubject(g => g.Grantee);
                e.HasNaturalKey(g => g.Key);
                e.Property(g => g.Right).HasConversion<string>();
                e.HasIndex(g => new { g.Tenant, g.FileId });
                e.HasIndex(g => new { g.Tenant, g.Grantee });
            });
    }
}
