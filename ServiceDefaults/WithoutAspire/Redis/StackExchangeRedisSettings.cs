namespace Aspire.StackExchange.Redis;

/// <summary>How Redis is reached; bound from <c>Aspire:StackExchange:Redis</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }

    /// <summary>True (the default): the connection opens on first use. False: when the host starts.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
