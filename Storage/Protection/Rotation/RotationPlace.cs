using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>A column that holds tokens, as the model declares it.</summary>
/// <param name="SubjectColumn">The column that names the person whose key it is; null where the tenant's is used.</param>
/// <param name="SubjectIsId">The person is named by an id, not by text.</param>
internal sealed record RotationPlace(string Table, string Column, string? SubjectColumn, bool SubjectIsId = false)
{
    /// <summary>The bodies of answers that are kept for an Idempotency-Key. Their rows have no id of their own; see <see cref="KeptAnswerRows"/>.</summary>
    public static readonly RotationPlace KeptAnswers = new("idempotency_keys", "body", null);

    public string Name => $"{Table}.{Column}";

    /// <summary>All of them, in the order in which a rotation goes through them.</summary>
    public static List<RotationPlace> All(StoreContext context) =>
        [.. (from entity in ProtectedPlan.TypesOf(context.Model)
            from property in entity.GetProperties()
            where property.FindAnnotation(ProtectedModel.EncryptsAnnotation) is not null
            let subject = entity.FindAnnotation(ProtectedModel.SubjectAnnotation)?.Value is string name ? entity.FindProperty(name)! : null
            select new RotationPlace(entity.GetTableName()!, property.GetColumnName(), subject?.GetColumnName(), subject is not null && subject.ClrType != typeof(string)))
            .Append(KeptAnswers).OrderBy(p => p.Name, StringComparer.Ordinal)];
}
