using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Files;

/// <summary>What a sender says of a file.</summary>
public sealed record FileDraft
{
    public string? Name { get; init; }

    /// <summary>The media type as the sender sees it; what the content looks like counts.</summary>
    public string? Type { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whose it becomes; the sender's where null. Only who sees all files may say.</summary>
    public string? Owner { get; init; }

    public string? Region { get; init; }

    /// <summary>Days it is kept.</summary>
    public int? Retention { get; init; }

    /// <summary>When it is removed; the earlier of this and the retention counts.</summary>
    public DateTime? ExpiresAt { get; init; }

    public Compress Compress { get; init; }
}

/// <summary>What can be changed of a file.</summary>
public sealed record FileChange
{
    public string? Name { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public int? Retention { get; init; }

    public DateTime? ExpiresAt { get; init; }

    public static FileChange Of(StoredFile file) => new() { Name = file.Name, Tags = file.TagList, Retention = file.RetentionDays, ExpiresAt = file.RetentionDays is null ? file.ExpiresAt : null };
}

/// <summary>The rules of what is said of files.</summary>
internal static class FileRules
{
    public const int LongestName = 255;
    private const int MostTags = 20, LongestTag = 50, LongestOwner = 200;

    public static void Check(FileDraft draft, Action<string, string, string> report)
    {
        CheckName(draft.Name, report);
        CheckTags(draft.Tags, report);
        CheckRetention(draft.Retention, report);
        TextRules.Check("type", draft.Type, 200, report);
        TextRules.Check("owner", draft.Owner, LongestOwner, report);
        TextRules.Check("region", draft.Region, 50, report);
    }

    public static void Check(FileChange change, Action<string, string, string> report)
    {
        CheckName(change.Name, report);
        CheckTags(change.Tags, report);
        CheckRetention(change.Retention, report);
    }

    public static void CheckUser(string field, string? user, Action<string, string, string> report) => TextRules.Check(field, user, LongestOwner, report, required: true);

    // A name is shown and given to browsers, never used as a path; what could be taken for one, or turn a line of text round, is refused nevertheless.
    private static void CheckName(string? name, Action<string, string, string> report)
    {
        TextRules.Check("name", name, LongestName, report);
        if (name is null)
        {
            return;
        }

        if (name.Length == 0 || name.AsSpan().Trim().Length != name.Length || name is "." or ".." || name.AsSpan().ContainsAny('/', '\\'))
        {
            report("name", "file-name", "name must be the name of a file, without folders and without spaces around it.");
        }

        if (name.Any(c => c is '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029' or '\ufeff'))
        {
            report("name", "no-direction-marks", "name has an invisible character in it that changes how it is shown.");
        }
    }

    private static void CheckTags(IReadOnlyList<string> tags, Action<string, string, string> report)
    {
        if (tags.Count > MostTags)
        {
            report("tags", "max-items", $"There are {tags.Count} tags; there may be {MostTags}.");
        }

        foreach (var tag in tags)
        {
            TextRules.Check("tags", tag, LongestTag, report, required: true);
        }
    }

    private static void CheckRetention(int? days, Action<string, string, string> report)
    {
        if (days is < 1 or > 36_500)
        {
            report("retention", "range", $"retention must be from 1 to 36,500 days; it is {days}.");
        }
    }
}
