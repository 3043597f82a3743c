namespace CloudStore.Storage.Records.Rules;

/// <summary>Rules of measures. Nothing is allocated where a value is right.</summary>
internal static class NumberRules
{
    /// <summary>A thousand trillions: what is more was misread, and sums of a million such rows still fit the database's types.</summary>
    public const decimal LargestAmount = 1_000_000_000_000_000;

    /// <summary>A trillion, for the same reasons.</summary>
    public const long LargestCount = 1_000_000_000_000;

    public static void Check(string field, decimal? value, Action<string, string, string> report)
    {
        if (value is not { } given)
        {
            return;
        }

        if (given < 0)
        {
            report(field, "not-negative", $"{field} must not be negative; it is {Plain(given)}.");
        }
        else if (given > LargestAmount)
        {
            report(field, "range", $"{field} must be at most {LargestAmount}; it is {Plain(given)}.");
        }
    }

    public static void Check(string field, long? value, Action<string, string, string> report)
    {
        if (value is not { } given)
        {
            return;
        }

        if (given < 0)
        {
            report(field, "not-negative", $"{field} must not be negative; it is {given}.");
        }
        else if (given > LargestCount)
        {
            report(field, "range", $"{field} must be at most {LargestCount}; it is {given}.");
        }
    }

    private static string Plain(decimal value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
