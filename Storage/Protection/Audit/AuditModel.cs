using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>What a record type declares about its audit, where it differs from the rule that each change of a record is an event.</summary>
public static class AuditModel
{
    private const string ExcludedAnnotation = "CloudStore:NotAudited";
    private const string ActionAnnotation = "CloudStore:AuditedAs";
    internal const string AppendOnlyAnnotation = "CloudStore:AppendOnly";

    /// <summary>Leaves the type out of the audit.</summary>
    /// <param name="why">Why its changes are worth no event.</param>
    public static EntityTypeBuilder<T> NotAudited<T>(this EntityTypeBuilder<T> entity, string why)
        where T : class
    {
        entity.HasAnnotation(ExcludedAnnotation, why);
        return entity;
    }

    /// <summary>Gives every change of the type the same action; which change it was is then among the details.</summary>
    public static EntityTypeBuilder<T> AuditedAs<T>(this EntityTypeBuilder<T> entity, AuditAction action)
        where T : class
    {
        entity.HasAnnotation(ActionAnnotation, action.Word());
        return entity;
    }

    /// <summary>Takes the right to change and delete rows from the role that works for tenants.</summary>
    public static EntityTypeBuilder<T> IsAppendOnly<T>(this EntityTypeBuilder<T> entity)
        where T : class
    {
        entity.HasAnnotation(AppendOnlyAnnotation, true);
        return entity;
    }

    internal static bool IsAudited(this IEntityType type) => type.FindAnnotation(ExcludedAnnotation) is null;

    internal static AuditAction? AuditedAs(this IEntityType type) => type.FindAnnotation(ActionAnnotation)?.Value is string word ? AuditActions.Parse(word) : null;
}
