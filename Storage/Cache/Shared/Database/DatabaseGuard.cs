using System.Data.Common;
using System.Diagnostics;
using System.Net.Sockets;

namespace CloudStore.Storage.Cache.Shared.Database;

/// <summary>Says of the database's failures that it is away, and after one does not try again for a moment, so that calls do not wait one after the other.</summary>
/// <param name="failed">Told of each.</param>
internal sealed class DatabaseGuard(Action failed)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private long _until;

    public async Task<T> RunAsync<T>(Func<Task<T>> run, CancellationToken cancellationToken, bool always = false)
    {
        if (!always && Stopwatch.GetTimestamp() < Volatile.Read(ref _until))
        {
            throw new StoreAwayException("the database did not answer a moment ago");
        }

        try
        {
            var result = await run();
            Volatile.Write(ref _until, 0);
            return result;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is DbException or SocketException or TimeoutException or InvalidOperationException or ObjectDisposedException or OperationCanceledException)
        {
            Volatile.Write(ref _until, Stopwatch.GetTimestamp() + (long)(Pause.TotalSeconds * Stopwatch.Frequency));
            failed();
            throw new StoreAwayException(e.Message, e);
        }
    }
}
