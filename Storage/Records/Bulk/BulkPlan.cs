using System.Collections.Concurrent;
using CloudStore.Storage.Protection.Fields;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace CloudStore.Storage.Records.Bulk;

/// <summary>A table as the bulk writer sees it, read once from Entity Framework's model.</summary>
internal sealed class BulkPlan<T>
    where T : Record
{
    private static readonly ConcurrentDictionary<IModel, BulkPlan<T>> Plans = new();

    private BulkPlan(IModel model)
    {
        var entity = model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T).Name} is not part of the model.");
        Table = entity.GetTableName()!;
        Properties = [.. entity.GetProperties().Where(p => p.PropertyInfo is not null)];
        if (entity.FindAnnotation(ModelConventions.NaturalKeyAnnotation)?.Value is string key)
        {
            KeyProperty = entity.FindProperty(key);
            ReadKey = KeyProperty!.PropertyInfo!.GetMethod!.CreateDelegate<Func<T, string>>();
        }
    }

    public string Table { get; }

    public IReadOnlyList<IProperty> Properties { get; }

    public IEnumerable<string> Columns => Properties.Select(Quoted);

    /// <summary>The natural key's column.</summary>
    public string KeyColumn => Quoted(KeyProperty!);

    /// <summary>A column as both databases read it whatever its name; a column may be called "column".</summary>
    private static string Quoted(IProperty property) => $"\"{property.GetColumnName()}\"";

    /// <summary>Null where rows of this type have no key and are always added.</summary>
    public IProperty? KeyProperty { get; }

    public Func<T, string>? ReadKey { get; }

    public static BulkPlan<T> For(DbContext context) => Plans.GetOrAdd(context.Model, m => new BulkPlan<T>(m));

    /// <summary>The columns an update sets: those the caller names, never the identity and bookkeeping of the stored row.</summary>
    public IReadOnlyList<string> UpdateColumns(IReadOnlySet<string>? properties) =>
        [.. Properties.Where(p => p.PropertyInfo!.DeclaringType != typeof(Record) && p != KeyProperty && (properties is null || properties.Contains(p.Name) || HoldsAny(p, properties)))
            .Select(Quoted)];

    // The column of encrypted properties, whose token goes with the person it is about as well; and of a hash of one.
    private static bool HoldsAny(IProperty column, IReadOnlySet<string> properties) =>
        column.FindAnnotation(ProtectedModel.EncryptsAnnotation)?.Value is string encrypted && (encrypted.Split(',').Any(properties.Contains) || NamesPerson(column, properties))
        || column.FindAnnotation(ProtectedModel.BlindIndexAnnotation)?.Value is string source && properties.Contains(source[1..]);

    private static bool NamesPerson(IProperty column, IReadOnlySet<string> properties) =>
        column.DeclaringType.FindAnnotation(ProtectedModel.SubjectAnnotation)?.Value is string subject && properties.Contains(subject);
}
