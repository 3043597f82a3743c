using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Records;

/// <summary>Measures every command and logs those that take longer than the threshold. Parameter values are never logged: they can be personal data.</summary>
internal sealed partial class SlowQueryInterceptor(TimeSpan threshold) : DbCommandInterceptor
{
    /// <inheritdoc/>
    public override DbDataReader ReaderExecuted(DbCommand command, CommandExecutedEventData eventData, DbDataReader result)
    {
        Note(command, eventData);
        return result;
    }

    /// <inheritdoc/>
    public override ValueTask<DbDataReader> ReaderExecutedAsync(DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        Note(command, eventData);
        return ValueTask.FromResult(result);
    }

    /// <inheritdoc/>
    public override int NonQueryExecuted(DbCommand command, CommandExecutedEventData eventData, int result)
    {
        Note(command, eventData);
        return result;
    }

    /// <inheritdoc/>
    public override ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Note(command, eventData);
        return ValueTask.FromResult(result);
    }

    private void Note(DbCommand command, CommandExecutedEventData executed)
    {
        bool slow = executed.Duration >= threshold;
        RecordsMetrics.Queried(executed.Duration, slow);
        if (slow && executed.Context?.GetService<ILoggerFactory>() is { } loggers)
        {
            SlowQuery(loggers.CreateLogger<SlowQueryInterceptor>(), executed.Duration.TotalMilliseconds, command.CommandText);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Slow query, {Milliseconds:0} ms: {Sql}")]
    private static partial void SlowQuery(ILogger logger, double milliseconds, string sql);
}
