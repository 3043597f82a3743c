using System.Threading.Channels;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Access;

/// <summary>
/// Writes when keys were last used, behind the requests: at most once a minute for a key, never failing a request. Under pressure, or while the
/// database is away, uses are lost rather than queued without end. The key's revision stays: being used is no change.
/// </summary>
public sealed partial class KeyUses(IServiceScopeFactory scopes, ILogger<KeyUses> logger) : BackgroundService
{
    internal static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Channel<(string KeyId, long Ticks)> _uses =
        Channel.CreateBounded<(string, long)>(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    internal void Note(string keyId, long utcTicks) => _uses.Writer.TryWrite((keyId, utcTicks));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await WriteAllAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops; a last use that was not written yet is no loss.
        }
    }

    private async Task WriteAllAsync(CancellationToken stoppingToken)
    {
        await foreach (var (keyId, ticks) in _uses.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await WriteAsync(keyId, new DateTime(ticks - ticks % TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc), stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                NotWritten(logger, keyId, e.GetBaseException().Message);
            }
        }
    }

    private async Task WriteAsync(string keyId, DateTime usedAt, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        var before = usedAt - Interval;
        // Other processes record uses of the same key; the condition keeps all of them together to one write a minute.
        await context.Set<AccessKey>().IgnoreQueryFilters([StoreContext.TenantFilter])
            .Where(k => k.KeyId == keyId && (k.LastUsedAt == null || k.LastUsedAt <= before))
            .ExecuteUpdateAsync(s => s.SetProperty(k => k.LastUsedAt, usedAt), cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Warning, "The use of key {KeyId} was not recorded: {Reason}")]
    private static partial void NotWritten(ILogger logger, string keyId, string reason);
}
