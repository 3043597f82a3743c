using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;

namespace CloudStore.Storage.Protection.Rotation;

/// <summary>A column of tokens whose values stand in columns of their own in rows from before they were encrypted.</summary>
/// <param name="ClearColumns">Those columns, in the order of the values in a token.</param>
internal sealed record ClearPlace(string Table, string Column, IReadOnlyList<string> ClearColumns)
{
    /// <summary>All of them, as the model declares.</summary>
    public static List<ClearPlace> All(StoreContext context) =>
        [.. from entity in ProtectedPlan.TypesOf(context.Model)
            from property in entity.GetProperties()
            let clear = property.FindAnnotation(ProtectedModel.ClearAnnotation)?.Value as string
            where clear is not null
            select new ClearPlace(entity.GetTableName()!, property.GetColumnName(), [.. clear.Split(',').Select(n => entity.FindProperty(n)!.GetColumnName())])];
}
