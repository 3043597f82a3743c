using System.Linq.Expressions;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>How record types declare what of them is encrypted. The record has a property of type byte[] for each token, named as the column.</summary>
public static class ProtectedModel
{
    internal const string EncryptsAnnotation = "CloudStore:Encrypts";
    internal const string ClearAnnotation = "CloudStore:WasClear";
    internal const string SubjectAnnotation = "CloudStore:KeySubject";
    internal const string BlindIndexAnnotation = "CloudStore:BlindIndex";

    /// <summary>
    /// Keeps the properties as one encrypted token in a column and nowhere else. They can be read and set like any others, but no query can filter, sort or calculate by
    /// them. Their order is part of what is stored: new ones go to the end.
    /// </summary>
    /// <param name="column">The column, in snake case: <c>prices</c> for a property <c>public byte[]? Prices { get; set; }</c>, which holds the token.</param>
    /// <param name="properties">Each a decimal, long, int, double, bool, DateTime, Guid, string, byte[], or null of those.</param>
    public static EntityTypeBuilder<T> Encrypts<T>(this EntityTypeBuilder<T> entity, string column, params Expression<Func<T, object?>>[] properties)
        where T : Record
    {
        var token = Array.Find(typeof(T).GetProperties(), p => p.PropertyType == typeof(byte[]) && ModelConventions.SnakeCase(p.Name) == column)
            ?? throw new InvalidOperationException($"{typeof(T).Name} needs a property of type byte[] for the column '{column}'.");
        var names = properties.Select(Name).ToList();
        foreach (var name in names)
        {
            FieldCodec.RequireSupported(typeof(T).GetProperty(name)!);
            entity.Ignore(name);
        }

        entity.Property<byte[]>(token.Name).IsRequired().HasAnnotation(EncryptsAnnotation, string.Join(',', names));
        return entity;
    }

    /// <summary>
    /// Says where the values of a token stand in rows from before they were encrypted. Such a row has no token and is read from there; saving it, or the keeper in the
    /// background, moves the values into a token and leaves the columns empty, as they are in every new row: to let them be null, SQLite would have to copy the whole table.
    /// </summary>
    /// <param name="column">The token's column, declared by <see cref="Encrypts"/>.</param>
    /// <param name="properties">A mapped string for each encrypted one, in the same order.</param>
    public static EntityTypeBuilder<T> WasClear<T>(this EntityTypeBuilder<T> entity, string column, params Expression<Func<T, string>>[] properties)
        where T : Record
    {
        var token = entity.Metadata.GetProperties().Single(p => p.FindAnnotation(EncryptsAnnotation) is not null && ModelConventions.SnakeCase(p.Name) == column);
        var names = properties.Select(p => ((MemberExpression)p.Body).Member.Name).ToList();
        names.ForEach(n => entity.Property<string>(n).IsRequired());
        entity.Property<byte[]>(token.Name).IsRequired(false).HasAnnotation(ClearAnnotation, string.Join(',', names));
        // Holds the rows that are still to be moved, and nothing once they are.
        entity.HasIndex(r => r.Id).HasFilter($"{column} IS NULL");
        return entity;
    }

    /// <summary>Encrypts each record's tokens under a key of the person it is about. Destroying that key makes the person's records unreadable, and no others.</summary>
    /// <param name="person">A mapped property that names the person: a string or Guid. Where it is null or empty, the tenant's key is used.</param>
    public static EntityTypeBuilder<T> HasKeySubject<T>(this EntityTypeBuilder<T> entity, Expression<Func<T, object?>> person)
        where T : Record
    {
        entity.HasAnnotation(SubjectAnnotation, Name(person));
        return entity;
    }

    /// <summary>
    /// Keeps a keyed hash of an encrypted property, so that records can be found by its exact value: <see cref="BlindIndex.Of"/> gives what to compare with. Equal values
    /// have equal hashes, which whoever sees the table can count.
    /// </summary>
    /// <param name="index">The mapped property of type byte[] that takes the hash; null where the value is null.</param>
    /// <param name="source">An encrypted property: a string, Guid, long, int or decimal.</param>
    /// <param name="ignoreCase">Compares strings without surrounding spaces and in lower case.</param>
    public static EntityTypeBuilder<T> HasBlindIndex<T>(this EntityTypeBuilder<T> entity, Expression<Func<T, byte[]?>> index, Expression<Func<T, object?>> source, bool ignoreCase = false)
        where T : Record
    {
        var name = ((MemberExpression)index.Body).Member.Name;
        entity.Property<byte[]>(name).IsRequired(false).HasAnnotation(BlindIndexAnnotation, (ignoreCase ? "~" : "=") + Name(source));
        entity.HasIndex(nameof(Record.Tenant), name);
        return entity;
    }

    internal static string Name<T>(Expression<Func<T, object?>> property) => ((MemberExpression)(property.Body is UnaryExpression u ? u.Operand : property.Body)).Member.Name;
}
