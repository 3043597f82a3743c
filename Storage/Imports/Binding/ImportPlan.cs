using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Imports.Values;
using CloudStore.Storage.Records.Bulk;

namespace CloudStore.Storage.Imports.Binding;

/// <summary>Import options, checked against their target.</summary>
public sealed class ImportPlan
{
    private ImportPlan(ImportTarget target, ImportOptions options)
    {
        Target = target;
        Options = options;
        DeriveKey = options.Key is ["derive"];
        DateFormat = options.DateFormat is { } format ? ParseFormat(format) : null;
    }

    public ImportTarget Target { get; }

    public ImportOptions Options { get; }

    public ConflictMode OnConflict => Options.OnConflict;

    public bool DeriveKey { get; }

    /// <summary>Whether a row's key may have an encrypted part: only the file's header can tell of names that are no field's.</summary>
    public bool HashesKey => !DeriveKey && Options.Key.Any(k => Target.FindField(k) is null or { IsEncrypted: true }) && Target.Fields.Any(f => f.IsEncrypted);

    public DateFormat? DateFormat { get; }

    /// <summary>The file's columns that hold dates, as its first rows show; empty until <see cref="SampleAsync"/> has looked.</summary>
    public IReadOnlySet<string> DateColumns { get; private set; } = new HashSet<string>();

    /// <summary>Looks at a file's first rows where the meaning of a column's name depends on its values. The same file always gives the same answer.</summary>
    public async Task SampleAsync(Func<Task<RowReader>> open, CancellationToken cancellationToken)
    {
        if (Target.Fields.All(f => f.DateAliases.Count == 0))
        {
            return;
        }

        await using var reader = await open();
        DateColumns = await DateColumnSample.FindAsync(reader, cancellationToken);
    }

    /// <exception cref="ProblemException">An option names no field, or asks for what the target cannot do. All such faults are listed.</exception>
    public static ImportPlan Create(ImportTarget target, ImportOptions options)
    {
        var errors = new List<ProblemError>();
        var fields = string.Join(", ", target.Fields.Select(f => f.Name));
        foreach (var (option, names) in (IEnumerable<(string, IEnumerable<string>)>)[("map", options.Map.Keys), ("set", options.Set.Keys), ("scale", options.Scale.Keys)])
        {
            errors.AddRange(names.Where(n => target.FindField(n) is null)
                .Select(n => new ProblemError(option, "known-field", $"{target.Name} has no field '{n}'; its fields are {fields}.")));
        }

        errors.AddRange(options.Scale.Keys.Where(n => target.FindField(n) is { Type: not (FieldType.Decimal or FieldType.Ratio) })
            .Select(n => new ProblemError("scale", "decimal-field", $"{n} is no decimal field, which alone can be scaled.")));
        errors.AddRange(options.Map.GroupBy(m => ColumnNames.Normalize(m.Value)).Where(g => g.Count() > 1)
            .Select(g => new ProblemError("map", "once", $"map gives the column '{g.First().Value}' to {string.Join(" and ", g.Select(m => m.Key))}; a column fills one field.")));

        if (options.Key.Count > 0 && !target.HasKey)
        {
            errors.Add(new ProblemError("key", "no-key", $"Rows of {target.Name} have no key: each row is added."));
        }

        if (options.Key.Contains("derive") && (options.Key.Count > 1 || !target.CanDeriveKey))
        {
            errors.Add(new ProblemError("key", "derive-alone", "key=derive stands alone, and only for targets whose rows have an id of their own."));
        }

        if (options.MaxRejects < 0)
        {
            errors.Add(new ProblemError("maxRejects", "not-negative", "maxRejects must be 0 or more."));
        }

        return errors.Count == 0 ? new ImportPlan(target, options) : throw new ProblemException(ProblemKind.Invalid, errors[0].Message, errors);
    }

    /// <summary>Checks a file's header: the columns that <c>map</c> and <c>key</c> name are there, and so are those the target requires.</summary>
    /// <exception cref="ProblemException">Of kind unprocessable, listing what is missing.</exception>
    public void CheckHeader(IReadOnlyList<string> columns)
    {
        var errors = new List<ProblemError>();
        var known = columns.Select(ColumnNames.Normalize).ToHashSet();
        var header = string.Join(", ", columns);
        errors.AddRange(Options.Map.Where(m => !known.Contains(ColumnNames.Normalize(m.Value)))
            .Select(m => new ProblemError("map", "known-column", $"The file has no column '{m.Value}'; its columns are {header}.")));
        errors.AddRange(Options.Decrypt.Where(c => !known.Contains(ColumnNames.Normalize(c)))
            .Select(c => new ProblemError("decrypt", "known-column", $"The file has no column '{c}'; its columns are {header}.")));
        errors.AddRange(Options.Key.Where(k => !DeriveKey && Target.FindField(k) is null && !known.Contains(ColumnNames.Normalize(k)))
            .Select(k => new ProblemError("key", "known-column", $"'{k}' is neither a field of {Target.Name} nor a column of the file; its columns are {header}.")));
        var map = new ColumnMap(this, columns);
        errors.AddRange(Target.Fields.Where(f => f.Required && !DeriveKey && !Options.Set.Keys.Any(s => Target.FindField(s) == f) && map.ColumnOf(f) < 0)
            .Select(f => new ProblemError(f.Name, "required-column",
                $"No column of the file is {f.Name}. Name it with map={f.Name}:COLUMN{(Target.CanDeriveKey ? ", or use key=derive" : "")}; the file's columns are {header}.")));
        if (errors.Count > 0)
        {
            throw new ProblemException(ProblemKind.Unprocessable, errors[0].Message, errors);
        }
    }

    private static DateFormat ParseFormat(string format)
    {
        try
        {
            return DateFormat.Parse(format);
        }
        catch (FormatException e)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "dateFormat", "date-format", e.Message);
        }
    }
}
