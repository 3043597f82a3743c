using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Records.Json;

namespace CloudStore.Storage.Records.Lists;

/// <summary>The filters <c>from=</c> and <c>to=</c> of lists.</summary>
public static class DateParameter
{
    /// <summary>The instant from which on <c>from=</c> means.</summary>
    /// <exception cref="ProblemException">It is no date.</exception>
    public static DateTime? From(string? from) => Parse("from", from)?.Instant;

    /// <summary>The instant before which <c>to=</c> means: an instant is the end itself, a day is included whole.</summary>
    /// <exception cref="ProblemException">It is no date.</exception>
    public static DateTime? To(string? to) => Parse("to", to) is not { } end ? null : end.IsDay && end.Instant < DateTime.MaxValue.Date ? end.Instant.AddDays(1) : end.Instant;

    private static (DateTime Instant, bool IsDay)? Parse(string name, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return InstantConverter.TryParse(text, out var utc, out bool isDay) ? (utc, isDay) : throw ProblemException.ForField(
            ProblemKind.Invalid, name, "date", $"{name} must be a date such as 2026-01-31 or an instant such as 2026-01-31T09:30:00Z; it is '{text}'.");
    }
}
