using System.Linq.Expressions;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudStore.Storage.Records;

/// <summary>How record types are mapped, the same for all of them: names, natural keys, JSON and collations.</summary>
public static class ModelConventions
{
    internal const string NaturalKeyAnnotation = "CloudStore:NaturalKey";
    internal const string JsonAnnotation = "CloudStore:Json";

    /// <summary>
    /// Declares the property that names a record from outside, unique in its tenant among the records that are not deleted. Bulk writes find
    /// conflicts by it.
    /// </summary>
    public static EntityTypeBuilder<T> HasNaturalKey<T>(this EntityTypeBuilder<T> entity, Expression<Func<T, object?>> property)
        where T : Record
    {
        var name = ((MemberExpression)(property.Body is UnaryExpression u ? u.Operand : property.Body)).Member.Name;
        entity.Property(name).IsRequired();
        entity.HasIndex([nameof(Record.Tenant), name]).IsUnique().HasFilter("deleted_at IS NULL");
        entity.HasAnnotation(NaturalKeyAnnotation, name);
        return entity;
    }

    /// <summary>Keeps a string property as a JSON document: jsonb on Postgres, text on SQLite.</summary>
    public static PropertyBuilder<string?> IsJson(this PropertyBuilder<string?> property, StoreDialect dialect)
    {
        property.HasAnnotation(JsonAnnotation, true);
        return dialect == StoreDialect.Postgres ? property.HasColumnType("jsonb") : property;
    }

    internal static void Apply(ModelBuilder model, StoreDialect dialect)
    {
        foreach (var entity in model.Model.GetEntityTypes())
        {
            entity.SetTableName(SnakeCase(entity.GetTableName() ?? entity.ClrType.Name));
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(property.FindAnnotation(RelationalAnnotationNames.ColumnName)?.Value as string ?? SnakeCase(property.Name));
                if (property.ClrType == typeof(string) && dialect == StoreDialect.Postgres && property.FindAnnotation(JsonAnnotation) is null)
                {
                    // Byte order: the same as SQLite's, independent of the server's locale, and several times cheaper to compare in an index.
                    property.SetCollation("C");
                }
            }

            foreach (var key in entity.GetKeys())
            {
                key.SetName($"pk_{entity.GetTableName()}");
            }

            foreach (var index in entity.GetIndexes())
            {
                index.SetDatabaseName(IndexName(entity, index));
            }
        }
    }

    internal static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && (char.IsLower(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]))))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    private static string IndexName(IMutableEntityType entity, IMutableIndex index) =>
        $"ix_{entity.GetTableName()}_{string.Join('_', index.Properties.Select(p => SnakeCase(p.Name)).Where(n => n != "tenant"))}";
}
