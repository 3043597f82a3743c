using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Exports;

/// <summary>All export sources of the product.</summary>
public sealed class ExportSources(IEnumerable<ExportSource> sources)
{
    private readonly Dictionary<string, ExportSource> _byName = sources.ToDictionary(s => s.Name, StringComparer.OrdinalIgnoreCase);

    public IEnumerable<ExportSource> All => _byName.Values.OrderBy(s => s.Name, StringComparer.Ordinal);

    /// <exception cref="ProblemException">There is none of that name.</exception>
    public ExportSource Get(string name) => _byName.TryGetValue(name, out var source) ? source
        : throw ProblemException.ForField(ProblemKind.Invalid, "source", "known-source", $"There is no source '{name}'; it is one of {string.Join(", ", All.Select(s => s.Name))}.");
}
