using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Imports.Targets;

/// <summary>All import targets of the product.</summary>
public sealed class ImportTargets(IEnumerable<ImportTarget> targets)
{
    private readonly Dictionary<string, ImportTarget> _byName = targets.ToDictionary(t => t.Name, StringComparer.OrdinalIgnoreCase);

    public IEnumerable<ImportTarget> All => _byName.Values.OrderBy(t => t.Name, StringComparer.Ordinal);

    /// <exception cref="ProblemException">No name, or none of that name.</exception>
    public ImportTarget Get(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "target", "required", $"target is missing; it is one of {Names()}.");
        }

        return _byName.TryGetValue(name, out var target)
            ? target
            : throw ProblemException.ForField(ProblemKind.Invalid, "target", "known-target", $"There is no target '{name}'; it is one of {Names()}.");
    }

    private string Names() => string.Join(", ", All.Select(t => t.Name));
}
