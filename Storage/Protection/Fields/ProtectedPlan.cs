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

    /// <summary>Makes them anew where a value differs from what the token holds.</summary>
    public abstract void SealChanged(StoreContext context, Record record);

    /// <summary>Sets a record's values from its tokens.</summary>
    public abstract void Open(StoreContext context, Record record);

    /// <summary>The properties that are encrypted.</summary>
    public abstract IEnumerable<string> Names { get; }

    internal static bool IsProtected(IEntityType type) => type.GetProperties().Any(p => p.FindAnnotation(ProtectedModel.EncryptsAnnotation) is not null);

    private static ProtectedPlan? Create(IModel model, Type type) => model.FindEntityType(type) is { } entity && IsProtected(entity)
        ? (ProtectedPlan)Activator.CreateInstance(typeof(ProtectedPlan<>).MakeGenericType(type), entity)! : null;
}
