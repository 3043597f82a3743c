using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Access;
using CloudStore.Storage.Protection.Audit;

namespace CloudStore.Api.Files;

/// <summary>Refuses links as access keys are refused: it is in the audit, and an address that tries links is held up.</summary>
internal sealed class LinkRefusals(DeniedRequests denied, IRefusalLimit? limit = null)
{
    /// <summary>Lets a request through whose address has not been refused too often.</summary>
    /// <param name="isQuick">The link can be read without asking the database: such ones are not held up.</param>
    /// <exception cref="ProblemException">Of kind rate-limited.</exception>
    public void RequirePatience(HttpContext http, bool isQuick)
    {
        if (!isQuick && limit?.WaitOf(http) is { } wait)
        {
            throw TooMany(wait);
        }
    }

    /// <summary>Notes a refusal.</summary>
    /// <param name="reason">A word for the audit.</param>
    /// <param name="caller">Whose link it is; null where nobody's.</param>
    /// <returns>What to answer.</returns>
    public ProblemException Of(HttpContext http, ProblemKind kind, string reason, Caller? caller, string detail)
    {
        denied.Note(http, kind.Status, reason, caller);
        return limit?.Count(http) is { } wait ? TooMany(wait) : new ProblemException(kind, detail);
    }

    private static ProblemException TooMany(TimeSpan wait) =>
        new(ProblemKind.RateLimited, "Too many requests with links that are not good came from this address.") { RetryAfter = wait };
}
