using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Retail.Reading;

/// <summary>Money of two currencies has no sum.</summary>
public static class OneCurrency
{
    /// <summary>The currency of a selection; null where it is empty.</summary>
    /// <exception cref="ProblemException">It has several.</exception>
    public static string? Of(IReadOnlyCollection<string> currencies) => currencies.Count <= 1 ? currencies.FirstOrDefault() : throw ProblemException.ForField(
        ProblemKind.Invalid, "currency", "one-currency", $"These sales are in {string.Join(", ", currencies.Order(StringComparer.Ordinal))}; name one with currency.");
}
