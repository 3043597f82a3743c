using CloudStore.Storage.Records.Rules;

namespace CloudStore.Storage.Campaigns;

/// <summary>What an entry of the model usage must be.</summary>
public static class LlmUsageRules
{
    public const string DefaultCurrency = "USD";
    public const int LongestName = 128;

    /// <summary>Fills the time of the call with <paramref name="now"/>, the currency, and with <paramref name="total"/> the total of the tokens.</summary>
    public static void Fill(LlmUsage usage, DateTime now, bool total = false)
    {
        usage.TotalTokens = total ? usage.PromptTokens + usage.CompletionTokens : usage.TotalTokens;
        usage.At = usage.At == default ? now : Instants.ToStored(usage.At);
        usage.Currency = string.IsNullOrEmpty(usage.Currency) ? DefaultCurrency : usage.Currency;
    }

    public static void Check(LlmUsage usage, Action<string, string, string> report)
    {
        TextRules.Check("provider", usage.Provider, LongestName, report, required: true);
        TextRules.Check("model", usage.Model, LongestName, report, required: true);
        TextRules.Check("operation", usage.Operation, LongestName, report);
        NumberRules.Check("promptTokens", usage.PromptTokens, report);
        NumberRules.Check("completionTokens", usage.CompletionTokens, report);
        NumberRules.Check("totalTokens", usage.TotalTokens, report);
        NumberRules.Check("cost", usage.Cost, report);
        NumberRules.Check("latency", usage.Latency, report);
        CampaignRules.CheckDate("at", usage.At == default ? null : usage.At, report);
        if (usage.TotalTokens != usage.PromptTokens + usage.CompletionTokens)
        {
            report("totalTokens", "sum", $"totalTokens ({usage.TotalTokens}) must be promptTokens and completionTokens together ({usage.PromptTokens + usage.CompletionTokens}).");
        }

        if (usage.Currency.Length != 3 || usage.Currency.AsSpan().ContainsAnyExceptInRange('A', 'Z'))
        {
            report("currency", "currency", $"currency is a code of three capital letters (ISO 4217) such as USD; it is '{usage.Currency}'.");
        }
    }
}
