using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>
/// Notes refused requests in the audit, behind the requests. A flood cannot fill the table: what is refused for the same reason, from the same address, for the same key
/// and route is one event a minute with its count, and beyond <see cref="MostKinds"/> such kinds the rest is one event. The first of a kind is written within a second.
/// </summary>
public sealed partial class DeniedRequests(IServiceProvider services, TimeProvider time, ILogger<DeniedRequests> logger) : BackgroundService
{
    /// <summary>Kinds of refusals that are told apart within a minute.</summary>
    public const int MostKinds = 1000;

    internal const string Anonymous = "anonymous";
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<Kind, Count> _counts = new();

    private sealed record Kind(string Tenant, string Actor, string Address, int Status, string Reason, string Method, string Route);

    private sealed class Count(string origin)
    {
        public string Origin => origin;

        public long Requests;

        public DateTimeOffset? WrittenAt { get; set; }
    }

    /// <summary>Counts a request that is refused for want of a right: the event of it is written behind it.</summary>
    /// <param name="http">The request that is refused.</param>
    /// <param name="status">401 or 403; of links to files 404 or 410.</param>
    /// <param name="reason">A word for why.</param>
    /// <param name="caller">Whose key it is, where that is known.</param>
    public void Note(HttpContext http, int status, string reason, Caller? caller)
    {
        // The route, not the path: what a stranger writes there is of any length and number.
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
        var kind = new Kind(caller?.Tenant ?? AccessKeys.DefaultTenant, caller?.Actor ?? Anonymous, $"{http.Connection.RemoteIpAddress}", status, reason, Method(http.Request.Method), route);
        if (_counts.Count >= MostKinds && !_counts.ContainsKey(kind))
        {
            kind = new Kind(AccessKeys.DefaultTenant, Anonymous, "", status, "flood", "", "");
        }

        Interlocked.Increment(ref _counts.GetOrAdd(kind, static (k, h) => new Count(k.Address.Length == 0 ? "several" : AuditScope.Describe(h)), http).Requests);
    }

    /// <summary>Writes what is due.</summary>
    /// <param name="all">Writes what is not due as well.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task WriteAsync(bool all, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        foreach (var (kind, count) in _counts)
        {
            if (count.WrittenAt is { } at && now - at < Window && !all)
            {
                continue;
            }

            long requests = Interlocked.Exchange(ref count.Requests, 0);
            if (requests == 0)
            {
                _counts.TryRemove(kind, out _);
                // A request that came between the two is counted anew, in a count that nobody has.
                requests = Interlocked.Exchange(ref count.Requests, 0);
                if (requests == 0)
                {
                    continue;
                }
            }

            try
            {
                await WriteAsync(kind, count.Origin, requests, cancellationToken);
                count.WrittenAt = now;
            }
            catch
            {
                Interlocked.Add(ref count.Requests, requests);
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryWriteAsync(all: true, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Look, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await TryWriteAsync(all: false, stoppingToken);
        }
    }

    private async Task TryWriteAsync(bool all, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(all, cancellationToken);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                NotWritten(logger, e.GetBaseException().Message);
            }
        }
    }

    private async Task WriteAsync(Kind kind, string origin, long requests, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateScopeFor(Caller.System(kind.Tenant, kind.Actor));
        var details = new JsonObject { ["status"] = kind.Status, ["reason"] = kind.Reason, ["method"] = kind.Method, ["route"] = kind.Route };
        await scope.ServiceProvider.GetRequiredService<AuditTrail>().NoteAsync(new AuditNote(AuditAction.Denied, Items: requests, Details: details) { Origin = origin }, cancellationToken);
    }

    private static string Method(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsPost(method) || HttpMethods.IsPut(method) || HttpMethods.IsPatch(method) || HttpMethods.IsDelete(method) || HttpMethods.IsHead(method) ? method : "other";

    [LoggerMessage(1, LogLevel.Warning, "Refused requests could not be noted in the audit yet: {Reason}")]
    private static partial void NotWritten(ILogger logger, string reason);
}
