using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;

namespace CloudStore.Api.Limits;

/// <summary>What the limiter says of a request.</summary>
/// <param name="wait">Until there is room again.</param>
/// <param name="refusing">The limit that refused; null where none did.</param>
internal sealed class LimitLease(TimeSpan wait, Limit? refusing) : RateLimitLease
{
    public static readonly LimitLease Granted = new(TimeSpan.Zero, null) { Acquired = true };

    /// <summary>It cannot be said at once.</summary>
    public static readonly LimitLease Unknown = new(TimeSpan.Zero, null);

    public Limit? Refusing => refusing;

    /// <inheritdoc/>
    public override bool IsAcquired => Acquired;

    /// <inheritdoc/>
    public override IEnumerable<string> MetadataNames => refusing is null ? [] : [MetadataName.RetryAfter.Name];

    private bool Acquired { get; init; }

    /// <inheritdoc/>
    public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
    {
        metadata = refusing is not null && metadataName == MetadataName.RetryAfter.Name ? wait : null;
        return metadata is not null;
    }
}
