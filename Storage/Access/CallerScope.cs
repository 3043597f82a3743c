using Microsoft.AspNetCore.Http;

namespace CloudStore.Storage.Access;

/// <summary>
/// The caller of the current scope (a request, a job). Set it before anything that stores records is taken from the scope: a
/// <see cref="Records.StoreContext"/> takes its tenant from here when it is made.
/// </summary>
public sealed class CallerScope
{
    /// <summary>The header that names the user for whom an operator's key acts.</summary>
    public const string BehalfHeader = "On-Behalf-Of";

    /// <summary>Null before authentication.</summary>
    public Caller? Current { get; set; }

    /// <summary>The request that is being answered; null for work that is no request's.</summary>
    public HttpContext? Request { get; set; }

    /// <exception cref="InvalidOperationException">Nobody was set.</exception>
    public Caller Required => Current ?? throw new InvalidOperationException("No caller was set for this scope.");
}
