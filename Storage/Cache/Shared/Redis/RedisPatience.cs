using StackExchange.Redis;

namespace CloudStore.Storage.Cache.Shared.Redis;

/// <summary>
/// How long Redis is waited for, on the monotonic clock, and what its failures mean. A read is given up after the setting's time. A write is waited for longer:
/// while nobody knows whether it was carried out, the value before it might be read.
/// </summary>
/// <param name="options">Whose RedisTimeoutMilliseconds holds.</param>
/// <param name="circuit">Counts.</param>
internal sealed class RedisPatience(CacheOptions options, Circuit circuit)
{
    private const int WriteTimeouts = 4;
    private readonly TimeSpan _timeout = TimeSpan.FromMilliseconds(options.RedisTimeoutMilliseconds);

    public async ValueTask<T> ReadAsync<T>(Func<Task<T>> send, CancellationToken cancellationToken)
    {
        try
        {
            var task = send();
            var answer = task.IsCompletedSuccessfully ? await task : await task.WaitAsync(_timeout, cancellationToken);
            circuit.Succeeded();
            return answer;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Means(e) is { } reason)
        {
            circuit.Failed(reason);
            throw new StoreAwayException(reason, e);
        }
    }

    /// <exception cref="RedisServerException">The value is not of the kind that the command needs.</exception>
    public async Task<T> WriteAsync<T>(Func<Task<T>> send)
    {
        Task<T>? task = null;
        try
        {
            task = send();
            T answer;
            try
            {
                answer = await task.WaitAsync(_timeout);
            }
            catch (TimeoutException) when (!task.IsCompleted)
            {
                circuit.Failed("no answer in time");
                answer = await task.WaitAsync(_timeout * (WriteTimeouts - 1), circuit.Opened);
            }

            circuit.Succeeded();
            return answer;
        }
        catch (Exception e) when (Means(e) is { } reason)
        {
            // Whether it was carried out is not known, or Redis refused it and keeps the value before: either way nothing there may be read any more.
            circuit.Open($"a write failed: {reason}");
            throw new StoreAwayException(reason, e);
        }
    }

    /// <returns>Null for what is the caller's affair.</returns>
    private static string? Means(Exception e) => e switch
    {
        RedisServerException s when IsOfValue(s.Message) => null,
        RedisServerException s => $"it answers {s.Message}",
        RedisException or RedisCommandException or ObjectDisposedException => e.Message,
        TimeoutException => "no answer in time",
        OperationCanceledException => "given up by the client",
        _ => null,
    };

    private static bool IsOfValue(string message) =>
        message.StartsWith("WRONGTYPE", StringComparison.Ordinal) || message.Contains("not an integer", StringComparison.Ordinal) || message.Contains("would overflow", StringComparison.Ordinal)
        || message.StartsWith("NOSCRIPT", StringComparison.Ordinal);
}
