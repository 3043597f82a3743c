using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>What is encrypted of a record type, read once from the model, for code that does not know the type.</summary>
internal abstract class ProtectedPlan
{
    private static readonly ConditionalWeakTable<IModel, ConcurrentDictionary<Type, ProtectedPlan?>> Plans = [];

    /// <summary>Null for a type without encrypted fields.</summary>
    public static ProtectedPlan? For(StoreContext context, Type type) =>
        Plans.GetValue(context.Model, static _ => new ConcurrentDictionary<Type, ProtectedPlan?>()).GetOrAdd(type, static (t, model) => Create(model, t), context.Model);

    /// <summary>The record types of a model that have encrypted fields.</summary>
    public static IEnumerable<IEntityType> TypesOf(IModel model) => model.GetEntityTypes().Where(IsProtected);

    /// <summary>Makes a record's tokens and hashes of its values. The record's id and tenant are final.</summary>
    public abstract void Seal(StoreContext context, Record record);

    /// <summary>Makes them anew where a value differs from what the token holds, and where the record is about somebody else than the token's key.</summary>
    public abstract void SealChanged(StoreContext context, Record record);

    /// <summary>Sets a record's values from its tokens.</summary>
    public abstract void Open(StoreContext context, Record record);

    /// <summary>The properties that are encrypted.</summary>
    public abstract IEnumerable<string> Names { get; }

    /// <summary>The person's name in a column that names one, by text or by an id, as either database has it; empty for nobody.</summary>
    internal static string SubjectOf(object stored) => stored switch
    {
        string text => text,
        Guid id => id.ToString(),
        byte[] bytes => new Guid(bytes, bigEndian: true).ToString(),
        _ => "",
    };

    internal static bool IsProtected(IEntityType type) => type.GetProperties().Any(p => p.FindAnnotation(ProtectedModel.EncryptsAnnotation) is not null);

    private static ProtectedPlan? Create(IModel model, Type type) => model.FindEntityType(type) is { } entity && IsProtected(entity)
        ? (ProtectedPlan)Activator.CreateInstance(typeof(ProtectedPlan<>).MakeGenericType(type), entity)! : null;
}
