using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace CloudStore.Storage.Records;

/// <summary>The queries by id, compiled once for each model (a process that uses both databases has two).</summary>
internal sealed class RecordQueries<T>
    where T : Record
{
    private static readonly ConditionalWeakTable<IModel, RecordQueries<T>> Compiled = [];

    private RecordQueries()
    {
        Track = EF.CompileAsyncQuery((StoreContext context, Guid id, CancellationToken _) => context.Set<T>().FirstOrDefault(r => r.Id == id));
    }

    public Func<StoreContext, Guid, CancellationToken, Task<T?>> Track { get; }

    public static RecordQueries<T> For(StoreContext context) => Compiled.GetValue(context.Model, static _ => new RecordQueries<T>());
}
