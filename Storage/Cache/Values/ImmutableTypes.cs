using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace CloudStore.Storage.Cache.Values;

/// <summary>
/// Of which types one instance can be handed to every caller: strings, values without references, what says so with <see cref="ImmutableObjectAttribute"/>,
/// immutable and frozen collections of such, and sealed types (records, mostly) all of whose fields are read-only and of such types.
/// </summary>
internal static class ImmutableTypes
{
    private static readonly ConcurrentDictionary<Type, bool> Known = new();

    private static readonly HashSet<Type> Leaves =
        [typeof(string), typeof(Uri), typeof(Version), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly), typeof(Guid)];

    private static readonly HashSet<Type> Collections =
    [
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableHashSet<>), typeof(ImmutableDictionary<,>), typeof(ImmutableSortedSet<>), typeof(ImmutableSortedDictionary<,>),
        typeof(FrozenSet<>), typeof(FrozenDictionary<,>), typeof(KeyValuePair<,>),
    ];

    public static bool Contains<T>() => !RuntimeHelpers.IsReferenceOrContainsReferences<T>() || Contains(typeof(T));

    public static bool Contains(Type type) => Known.GetOrAdd(type, static t => Judge(t, []));

    private static bool Judge(Type type, HashSet<Type> open)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsPrimitive || type.IsEnum || Leaves.Contains(type) || !open.Add(type))
        {
            // A type that is being looked at already is decided by its other fields.
            return true;
        }

        if (type.IsGenericType && Collections.Contains(type.GetGenericTypeDefinition()))
        {
            return type.GetGenericArguments().All(a => Judge(a, open));
        }

        // What is not sealed may turn out to be anything that derives from it.
        if (type.IsArray || type.IsPointer || type.IsInterface || !type.IsSealed || type.IsSubclassOf(typeof(Delegate)))
        {
            return false;
        }

        return type.GetCustomAttribute<ImmutableObjectAttribute>() is { Immutable: true } || AllFields(type).All(f => f.IsInitOnly && Judge(f.FieldType, open));
    }

    private static IEnumerable<FieldInfo> AllFields(Type type)
    {
        for (var t = type; t is not null && t != typeof(object) && t != typeof(ValueType); t = t.BaseType)
        {
            foreach (var field in t.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                yield return field;
            }
        }
    }
}
