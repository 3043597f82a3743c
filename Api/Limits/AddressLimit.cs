using System.Net;
using System.Net.Sockets;
using CloudStore.Storage.Access;
using Microsoft.Extensions.Options;

namespace CloudStore.Api.Limits;

/// <summary>
/// Limits, by address, requests that are refused for want of a valid key. While an address is over its limit, keys that were not seen lately are not looked up for it
/// either; keys in use are not held up. Each process counts for itself.
/// </summary>
internal sealed class AddressLimit(IOptions<RateLimitOptions> options, TimeProvider time) : IRefusalLimit
{
    private readonly Limits _addresses = new("address", null, time);
    private readonly LimitOptions _limit = options.Value.AddressInForce;
    private readonly int _proxies = options.Value.Proxies;
    private long _lastRefusal;

    /// <inheritdoc/>
    public TimeSpan? Count(HttpContext http)
    {
        if (!_limit.IsSet || _addresses.For(AddressOf(http), _limit).TryTake(out var wait) == LimitAnswer.Granted)
        {
            return null;
        }

        Volatile.Write(ref _lastRefusal, time.GetTimestamp());
        return wait;
    }

    /// <inheritdoc/>
    public TimeSpan? WaitOf(HttpContext http)
    {
        // A bucket that was empty is full again after this time at the latest, and until one was empty nobody has to look for theirs.
        long last = Volatile.Read(ref _lastRefusal);
        if (last == 0 || time.GetElapsedTime(last).TotalSeconds > _limit.Capacity / _limit.Rate)
        {
            return null;
        }

        var limit = _addresses.For(AddressOf(http), _limit);
        return limit.Left > 0 ? null : TimeSpan.FromSeconds(1 / _limit.Rate);
    }

    // A client has all of an IPv6 /64 to itself.
    private string AddressOf(HttpContext http)
    {
        var address = Client(http);
        if (address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
        {
            return $"{new IPNetwork(new IPAddress([.. address.GetAddressBytes()[..8], 0, 0, 0, 0, 0, 0, 0, 0]), 64)}";
        }

        return address is null ? "unknown" : $"{(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}";
    }

    private IPAddress? Client(HttpContext http)
    {
        if (_proxies > 0)
        {
            var entries = http.Request.Headers["X-Forwarded-For"].SelectMany(h => (h ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
            // Each proxy appends whom it heard from; what stands before those entries is what the client claims.
            if (entries.Count >= _proxies && IPEndPoint.TryParse(entries[^_proxies], out var client))
            {
                return client.Address;
            }
        }

        return http.Connection.RemoteIpAddress;
    }
}
