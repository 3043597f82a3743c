using CloudStore.Storage.Imports.Binding;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Imports.Targets;

/// <summary>Something files can be loaded into. An area declares its targets; the registry finds them.</summary>
public abstract class ImportTarget
{
    /// <summary>As it is written in <c>target=</c>.</summary>
    public abstract string Name { get; }

    public abstract IReadOnlyList<ImportField> Fields { get; }

    /// <summary>True where rows have a natural key, so that <c>onConflict</c> and <c>key</c> mean something.</summary>
    public abstract bool HasKey { get; }

    /// <summary>True where columns that no field takes are kept in the record's JSON column.</summary>
    public abstract bool KeepsOtherColumns { get; }

    /// <summary>True where <c>key=derive</c> can make an id from a row's dimensions.</summary>
    public virtual bool CanDeriveKey => false;

    public abstract RowBinder CreateBinder(ImportPlan plan);

    public ImportField? FindField(string name)
    {
        var wanted = ColumnNames.Normalize(name);
        return Fields.FirstOrDefault(f => ColumnNames.Normalize(f.Name) == wanted);
    }
}

/// <summary>A target whose rows become records of one type.</summary>
public abstract class ImportTarget<T> : ImportTarget
    where T : Record, new()
{
    public abstract IReadOnlyList<ImportField<T>> TypedFields { get; }

    public sealed override IReadOnlyList<ImportField> Fields => TypedFields;

    /// <summary>Sets the JSON column that takes the columns no field takes; null where there is none.</summary>
    public virtual Action<T, string>? SetOther => null;

    /// <summary>The property behind <see cref="SetOther"/>.</summary>
    public virtual string? OtherProperty => null;

    public sealed override bool KeepsOtherColumns => SetOther is not null;

    /// <summary>Sets the id that a file without one gets from a row's dimensions.</summary>
    public virtual void SetDerivedId(T row, string id) => throw new NotSupportedException($"{Name} has no derived ids.");

    /// <summary>Fills defaults and the natural key.</summary>
    /// <param name="row">A row with the file's values.</param>
    /// <param name="key">The values of the columns named by <c>key=</c>, or null for the target's own key.</param>
    public abstract void Complete(T row, string?[]? key);

    /// <summary>Reports every rule the row breaks: the field, the rule's id, and a sentence.</summary>
    public abstract void Check(T row, Action<string, string, string> report);

    /// <summary>Properties that an update replaces whatever columns the file has: those that belong together, and those made from others.</summary>
    public virtual IReadOnlyList<string> AlwaysWritten => [];

    /// <summary>Whether a good row is one to look at: it is loaded all the same, and counted in the job's answer.</summary>
    public virtual bool IsFlagged(T row) => false;

    public sealed override RowBinder CreateBinder(ImportPlan plan) => new RowBinder<T>(this, plan);
}
