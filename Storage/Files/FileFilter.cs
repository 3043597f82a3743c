using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Lists;

namespace CloudStore.Storage.Files;

/// <summary>Which files a list has.</summary>
public sealed record FileFilter
{
    public static readonly IReadOnlyList<SortKey<StoredFile>> SortKeys =
    [
        SortKey<StoredFile>.By("createdAt", f => f.Id), SortKey<StoredFile>.By("updatedAt", f => f.UpdatedAt), SortKey<StoredFile>.By("size", f => f.Size),
        SortKey<StoredFile>.By("lastAccessedAt", f => f.LastAccessedAt), SortKey<StoredFile>.By("expiresAt", f => f.ExpiresAt),
    ];

    /// <summary>Exactly this name.</summary>
    public string? Name { get; init; }

    /// <summary>Exactly this media type, or all of a kind: <c>audio/*</c>.</summary>
    public string? Type { get; init; }

    public string? Tag { get; init; }

    public string? Owner { get; init; }

    public string? Region { get; init; }

    public string? Sha256 { get; init; }

    /// <summary>Made at this instant or later.</summary>
    public DateTime? From { get; init; }

    /// <summary>Made before this instant.</summary>
    public DateTime? Before { get; init; }

    /// <summary>The filters as text, for cursors.</summary>
    public string Scope => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"files\u001f{Name}\u001f{Type}\u001f{Tag}\u001f{Owner}\u001f{Region}\u001f{Sha256}\u001f{From?.Ticks}\u001f{Before?.Ticks}");

    internal IQueryable<StoredFile> Apply(IQueryable<StoredFile> files, StoreContext context)
    {
        if (Name is { Length: > 0 } name)
        {
            var index = BlindIndex.Of<StoredFile, string?>(context, f => f.Name, name);
            files = files.Where(f => f.NameIndex == index);
        }

        if (Type is { Length: > 0 } type)
        {
            var prefix = type.EndsWith("/*", StringComparison.Ordinal) ? type[..^1] : null;
            files = prefix is null ? files.Where(f => f.Type == type) : files.Where(f => f.Type.StartsWith(prefix));
        }

        if (Tag is { Length: > 0 } tag)
        {
            var line = $"\n{tag}\n";
            files = files.Where(f => f.Tags != null && f.Tags.Contains(line));
        }

        files = Owner is { Length: > 0 } owner ? files.Where(f => f.Owner == owner) : files;
        files = Region is { Length: > 0 } region ? files.Where(f => f.Region == region) : files;
        var hash = Sha256?.ToLowerInvariant();
        files = string.IsNullOrEmpty(hash) ? files : files.Where(f => f.Sha256 == hash);
        files = From is { } from ? files.Where(f => f.CreatedAt >= from) : files;
        return Before is { } before ? files.Where(f => f.CreatedAt < before) : files;
    }
}
