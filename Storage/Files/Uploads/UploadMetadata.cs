using System.Globalization;
using System.Text;
using System.Text.Json;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Files.Uploads;

/// <summary>
/// What an upload's <c>Upload-Metadata</c> says of the file it becomes: pairs of a key and a base64 text with commas between them (tus 1.0, Creation). Known keys are name or filename, type or
/// filetype, tags (with commas), owner, region, retention, expiresAt and compress; others are kept and mean nothing.
/// </summary>
internal static class UploadMetadata
{
    private const int LongestHeader = 8192;

    /// <exception cref="ProblemException">It is not of that form, or a known key has a value that is not allowed.</exception>
    public static FileDraft Read(string? header)
    {
        var pairs = Parse(header);
        string? Find(params string[] names) => names.Select(n => pairs.GetValueOrDefault(n)).FirstOrDefault(v => v is { Length: > 0 });
        return new FileDraft
        {
            Name = Find("name", "filename"),
            Type = Find("type", "filetype"),
            Tags = FileParameters.Tags(Find("tags")),
            Owner = Find("owner"),
            Region = Find("region"),
            Retention = FileParameters.Days(Find("retention")),
            ExpiresAt = FileParameters.Instant("expiresAt", Find("expiresAt")),
            Compress = FileParameters.Compression(Find("compress")),
        };
    }

    private static Dictionary<string, string> Parse(string? header)
    {
        var pairs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (string.IsNullOrWhiteSpace(header))
        {
            return pairs;
        }

        if (header.Length > LongestHeader)
        {
            throw Wrong($"has {header.Length} characters; it may have {LongestHeader}");
        }

        foreach (var pair in header.Split(','))
        {
            var parts = pair.Trim().Split(' ', 2);
            var bytes = new byte[pair.Length];
            int length = 0;
            if (parts[0].Length == 0 || (parts.Length == 2 && !Convert.TryFromBase64String(parts[1].Trim(), bytes, out length)))
            {
                throw Wrong($"is a list of 'key base64'; '{pair.Trim()}' is none");
            }

            string text;
            try
            {
                text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
            }
            catch (ArgumentException)
            {
                throw Wrong($"has a value of '{parts[0]}' that is not UTF-8");
            }

            if (!pairs.TryAdd(parts[0], text))
            {
                throw Wrong($"has the key '{parts[0]}' twice");
            }
        }

        return pairs;
    }

    private static ProblemException Wrong(string what) => ProblemException.ForField(ProblemKind.Invalid, "Upload-Metadata", "metadata", $"Upload-Metadata {what}.");
}

/// <summary>Reads what is said of a file in words, as query parameters and upload metadata both do.</summary>
public static class FileParameters
{
    public static IReadOnlyList<string> Tags(string? text) => text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <exception cref="ProblemException">It is no whole number.</exception>
    public static int? Days(string? text) => string.IsNullOrEmpty(text) ? null : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int days) ? days
        : throw ProblemException.ForField(ProblemKind.Invalid, "retention", "whole-number", $"retention must be a whole number of days; it is '{text}'.");

    /// <exception cref="ProblemException">It is no instant.</exception>
    public static DateTime? Instant(string name, string? text) => string.IsNullOrEmpty(text) ? null : InstantConverter.TryParse(text, out var utc, out _) ? utc
        : throw ProblemException.ForField(ProblemKind.Invalid, name, "date", $"{name} must be a date such as 2026-01-31 or an instant such as 2026-01-31T09:30:00Z; it is '{text}'.");

    /// <exception cref="ProblemException">It is another word.</exception>
    public static Compress Compression(string? text) => string.IsNullOrEmpty(text) ? Compress.Auto
        : char.IsAsciiLetter(text[0]) && !text.Contains(',') && Enum.TryParse<Compress>(text, ignoreCase: true, out var compress) ? compress
        : throw ProblemException.ForField(ProblemKind.Invalid, "compress", "known-value", $"compress is one of {string.Join(", ", Enum.GetNames<Compress>().Select(JsonNamingPolicy.CamelCase.ConvertName))}; it is '{text}'.");
}
