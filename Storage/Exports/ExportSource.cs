using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Exports.Writing;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Exports;

/// <summary>
/// Something that can be written as a file. There is one for each import target, of the same name and with the same columns, so that what it writes can be loaded
/// again. An area declares its sources; the registry finds them.
/// </summary>
public abstract class ExportSource(ImportTarget target)
{
    public string Name => target.Name;

    public IReadOnlyList<ImportField> Columns => target.Fields;

    /// <summary>What narrows it down: the filters of the area's list.</summary>
    public abstract IReadOnlyList<ExportFilter> Filters { get; }

    /// <exception cref="ProblemException">Of kind invalid: a column or a filter is not right. All faults of columns are listed.</exception>
    public abstract ExportPlan Plan(ExportOptions options);

    /// <summary>The columns that an option names, in its order.</summary>
    protected IReadOnlyList<ImportField> Find(string option, IReadOnlyList<string> names, IReadOnlyList<ImportField> among, List<ProblemError> errors)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(errors);
        var found = names.Select(n => (Name: n, Column: target.FindField(n) is { } field && among.Contains(field) ? field : null)).ToList();
        errors.AddRange(found.Where(f => f.Column is null).Select(f => new ProblemError(option, "known-column",
            $"{Name} has no column '{f.Name}'{(among.Count < Columns.Count ? " among those that are written" : "")}; there are {string.Join(", ", among.Select(c => c.Name))}.")));
        errors.AddRange(found.Where(f => f.Column is not null).GroupBy(f => f.Column).Where(g => g.Count() > 1)
            .Select(g => new ProblemError(option, "once", $"{option} names the column '{g.Key!.Name}' twice.")));
        return [.. found.Select(f => f.Column).OfType<ImportField>()];
    }
}

/// <summary>A source of records of one type.</summary>
public abstract class ExportSource<T>(ImportTargets targets, string name) : ExportSource(targets.Get(name))
    where T : Record, new()
{
    /// <summary>Applies the filters that were given.</summary>
    protected abstract Func<IQueryable<T>, IQueryable<T>> Filter(FilterValues values);

    /// <inheritdoc/>
    public sealed override ExportPlan Plan(ExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new List<ProblemError>();
        var columns = options.Columns.Count == 0 ? Columns : Find("columns", options.Columns, Columns, errors);
        var encrypted = Find("encrypt", options.Encrypt, columns, errors);
        if (errors.Count > 0)
        {
            throw new ProblemException(ProblemKind.Invalid, errors[0].Message, errors);
        }

        return new ExportPlan<T>(this, options, [.. columns.Select(c => new ExportColumn<T>((ImportField<T>)c))], [.. encrypted.Select(c => c.Name)], Filter(new FilterValues(options.Filters)));
    }
}
