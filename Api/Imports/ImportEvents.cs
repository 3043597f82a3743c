using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using CloudStore.Storage.Imports.Jobs;

namespace CloudStore.Api.Imports;

/// <summary>A job's progress as it changes, to its end. Read from the database, so that it does not matter which process loads the file.</summary>
internal static class ImportEvents
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public static async IAsyncEnumerable<SseItem<ImportView>> FollowAsync(ImportService imports, ImportJob job, TimeProvider time, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (ImportStatus, long, long)? last = null;
        while (true)
        {
            var view = ImportView.Of(job, time);
            if (last != (view.Status, view.RowsRead, view.BytesRead))
            {
                last = (view.Status, view.RowsRead, view.BytesRead);
                yield return new SseItem<ImportView>(view, view.IsOver ? "end" : "progress");
            }

            if (view.IsOver || stopping.IsCancellationRequested)
            {
                // A server that stops lets its followers go: they ask the next one.
                yield break;
            }

            await Task.Delay(Pause, time, cancellationToken);
            job = await imports.GetAsync(job.Id, cancellationToken);
        }
    }
}
