using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace CloudStore.ServiceDefaults.Problems;

/// <summary>Which problem an exception is.</summary>
public static class FailureProblems
{
    /// <summary>The problem to answer, or null where the exception is a fault of the server that callers are told nothing about.</summary>
    public static ProblemException? Explain(Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            var problem = e switch
            {
                ProblemException p => p,
                BadHttpRequestException bad => BodyFailures.Explain(bad),
                _ => StoreFailures.Explain(e),
            };
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>The problem with a body that a JSON reader refused; for code that reads bodies itself.</summary>
    public static ProblemException Explain(JsonException failure) => JsonFailures.Explain(failure);
}
