using Microsoft.Extensions.Options;

namespace CloudStore.Api.Limits;

/// <summary>Settings of the section <c>RateLimits</c>. A limit without a rate is none.</summary>
public sealed class RateLimitOptions
{
    public const string Section = "RateLimits";

    /// <summary>For each access key.</summary>
    public LimitOptions Key { get; set; } = new();

    /// <summary>For all keys of a tenant together.</summary>
    public LimitOptions Tenant { get; set; } = new();

    /// <summary>For requests that are refused for want of a valid access key, by the address they come from.</summary>
    public LimitOptions Address { get; set; } = new();

    /// <summary>What <see cref="Address"/> is where nothing is set.</summary>
    internal static LimitOptions DefaultAddress { get; } = new() { PerSecond = 20, Burst = 500 };

    internal LimitOptions AddressInForce => Address is { PerSecond: null, PerMinute: null, Burst: 0 } ? DefaultAddress : Address;

    /// <summary>Other limits for tenants of these names.</summary>
    public Dictionary<string, TenantLimitOptions> Tenants { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Proxies before the service that add to <c>X-Forwarded-For</c>: the client's address is that many entries from its end. 0: the connection's counts.</summary>
    public int Proxies { get; set; }

    /// <summary>True where requests with a valid key are limited at all.</summary>
    internal bool LimitsCallers => Key.IsSet || Tenant.IsSet || Tenants.Values.Any(t => t.Key?.IsSet == true || t.Tenant?.IsSet == true);

    internal sealed class Validator : IValidateOptions<RateLimitOptions>
    {
        public ValidateOptionsResult Validate(string? name, RateLimitOptions options)
        {
            var errors = new List<string>();
            options.Key.Check("RateLimits:Key", errors);
            options.Tenant.Check("RateLimits:Tenant", errors);
            options.Address.Check("RateLimits:Address", errors);
            foreach (var (tenant, own) in options.Tenants)
            {
                own.Key?.Check($"RateLimits:Tenants:{tenant}:Key", errors);
                own.Tenant?.Check($"RateLimits:Tenants:{tenant}:Tenant", errors);
            }

            if (options.Proxies is < 0 or > 16)
            {
                errors.Add($"RateLimits:Proxies must be from 0 to 16; it is {options.Proxies}.");
            }

            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }
    }
}

/// <summary>What one tenant has instead of what all have; null leaves it.</summary>
public sealed class TenantLimitOptions
{
    public LimitOptions? Key { get; set; }

    public LimitOptions? Tenant { get; set; }
}

/// <summary>A token bucket: it holds <see cref="Burst"/> requests at most and is filled at a constant rate.</summary>
public sealed class LimitOptions
{
    private const double MostPerSecond = 10_000_000;

    /// <summary>Requests a second, parts of one too; 0: no limit.</summary>
    public double? PerSecond { get; set; }

    /// <summary>Requests a minute; instead of <see cref="PerSecond"/>.</summary>
    public double? PerMinute { get; set; }

    /// <summary>Requests that may come at once after a pause; 0: those of a second, at least one.</summary>
    public int Burst { get; set; }

    internal bool IsSet => Rate > 0;

    /// <summary>Requests a second.</summary>
    internal double Rate => PerSecond ?? PerMinute / 60 ?? 0;

    internal int Capacity => Burst > 0 ? Burst : (int)Math.Max(1, Math.Ceiling(Rate));

    internal void Check(string name, List<string> errors)
    {
        Range($"{name}:PerSecond", PerSecond ?? 0, MostPerSecond, errors);
        Range($"{name}:PerMinute", PerMinute ?? 0, MostPerSecond * 60, errors);
        Range($"{name}:Burst", Burst, MostPerSecond, errors);
        if (PerSecond is not null && PerMinute is not null)
        {
            errors.Add($"{name}:PerSecond and {name}:PerMinute are two ways to say the same; set one of them.");
        }
    }

    private static void Range(string name, double value, double most, List<string> errors)
    {
        if (!(value >= 0 && value <= most))
        {
            errors.Add(FormattableString.Invariant($"{name} must be from 0 to {most}; it is {value}."));
        }
    }
}
