using CloudStore.Storage.Records.Rules;
using CloudStore.Storage.Retail.Sales;

namespace CloudStore.Storage.Retail.Patterns;

/// <summary>Which patterns: of what, measured how, and from which sales.</summary>
public sealed record PatternScope(PatternKind Kind, PatternMeasure Measure, SaleFilter Sales)
{
    /// <summary>The natural key of a subject's pattern.</summary>
    public string KeyOf(string subject)
    {
        var key = new KeyWriter(stackalloc char[KeyWriter.Initial]);
        key.Append(Kind == PatternKind.Product ? "product" : "category");
        key.Separate();
        key.Append(Measure == PatternMeasure.Units ? "units" : "revenue");
        key.Separate();
        key.Append(subject);
        key.AppendGiven(Sales.StoreId);
        key.AppendGiven(Sales.Currency);
        if (Sales.From is not null || Sales.Before is not null)
        {
            key.AppendGiven(Sales.From ?? DateTime.UnixEpoch);
            key.AppendGiven(Sales.Before ?? DateTime.MaxValue.Date);
        }

        return key.ToKey();
    }
}
