using CloudStore.Storage.Exports;
using CloudStore.Storage.Imports.Targets;

namespace CloudStore.Storage.Campaigns;

/// <summary>The export source <c>llm-usage</c>.</summary>
public sealed class LlmUsageExport(ImportTargets targets) : ExportSource<LlmUsage>(targets, "llm-usage")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ExportFilter> Filters { get; } =
        [new("provider", "Exactly this provider."), new("model", "Exactly this model."), new("operation", "Exactly this operation."), .. ExportFilter.Dates];

    /// <inheritdoc/>
    protected override Func<IQueryable<LlmUsage>, IQueryable<LlmUsage>> Filter(FilterValues values) => new LlmUsageFilter
    {
        Provider = values.Text("provider"),
        Model = values.Text("model"),
        Operation = values.Text("operation"),
        From = values.From(),
        Before = values.Before(),
    }.Apply;
}
