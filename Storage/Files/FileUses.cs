using System.Threading.Channels;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Files;

/// <summary>
/// Counts how often files are read and when, behind the requests and never failing one. Under pressure, or while the database is away, uses are lost rather than queued without end: the audit
/// has them all. The file's revision stays: being read is no change.
/// </summary>
public sealed partial class FileUses(IServiceScopeFactory scopes, ILogger<FileUses> logger) : BackgroundService
{
    private readonly Channel<(string Tenant, Guid File, DateTime At)> _uses =
        Channel.CreateBounded<(string, Guid, DateTime)>(new BoundedChannelOptions(4096) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    internal void Note(string tenant, Guid file, DateTime at) => _uses.Writer.TryWrite((tenant, file, at));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _uses.Reader.WaitToReadAsync(stoppingToken))
            {
                await WriteAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops; the last uses that were not written yet are no loss.
        }
    }

    // All that wait at once: a file that is read a hundred times in between is written once.
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var uses = new Dictionary<(string Tenant, Guid File), (int Count, DateTime Last)>();
        while (uses.Count < 1000 && _uses.Reader.TryRead(out var use))
        {
            var before = uses.GetValueOrDefault((use.Tenant, use.File));
            uses[(use.Tenant, use.File)] = (before.Count + 1, use.At > before.Last ? use.At : before.Last);
        }

        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var files = scope.ServiceProvider.GetRequiredService<StoreContext>().Set<StoredFile>().IgnoreQueryFilters([StoreContext.TenantFilter]);
            foreach (var ((tenant, file), (count, last)) in uses)
            {
                await files.Where(f => f.Tenant == tenant && f.Id == file).ExecuteUpdateAsync(s => s.SetProperty(f => f.AccessCount, f => f.AccessCount + count).SetProperty(f => f.LastAccessedAt, last), cancellationToken);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            NotWritten(logger, uses.Count, e.GetBaseException().Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The uses of {Count} files were not recorded: {Reason}")]
    private static partial void NotWritten(ILogger logger, int count, string reason);
}
