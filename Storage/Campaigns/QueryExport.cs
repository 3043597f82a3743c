using CloudStore.Storage.Exports;
using CloudStore.Storage.Imports.Targets;

namespace CloudStore.Storage.Campaigns;

/// <summary>The export source <c>queries</c>.</summary>
public sealed class QueryExport(ImportTargets targets) : ExportSource<QueryHistory>(targets, "queries")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ExportFilter> Filters { get; } = [new("feedback", "Exactly this feedback.", Kind: FilterKind.Whole)];

    /// <inheritdoc/>
    protected override Func<IQueryable<QueryHistory>, IQueryable<QueryHistory>> Filter(FilterValues values)
    {
        int? feedback = values.Whole("feedback", -1, 1);
        return query => feedback is null ? query : query.Where(q => q.Feedback == feedback);
    }
}
