using System.Linq.Expressions;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>What the model says of a record type's life: from when on its age is counted.</summary>
public static class LifecycleModel
{
    internal const string AgeAnnotation = "CloudStore:Age";

    /// <summary>Declares the instant from which the record's age is counted; where nothing is declared, it is the time it was stored.</summary>
    public static EntityTypeBuilder<T> HasAge<T>(this EntityTypeBuilder<T> entity, Expression<Func<T, object?>> instant)
        where T : Record =>
        entity.HasAnnotation(AgeAnnotation, NameOf(instant));

    private static string NameOf<T>(Expression<Func<T, object?>> property) =>
        ((MemberExpression)(property.Body is UnaryExpression u ? u.Operand : property.Body)).Member.Name;
}
