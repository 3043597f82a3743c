using System.Collections.Concurrent;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace CloudStore.ServiceDefaults.WithoutAspire;

/// <summary>The pipelines of one client: one for all it calls, or one per authority.</summary>
internal sealed class StandardPipelines(HttpStandardResilienceOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, ResiliencePipeline<HttpResponseMessage>> _pipelines = new(StringComparer.OrdinalIgnoreCase);

    public ResiliencePipeline<HttpResponseMessage> For(HttpRequestMessage request)
    {
        var key = options.ByAuthority ? request.RequestUri?.GetLeftPart(UriPartial.Authority) : null;
        return _pipelines.GetOrAdd(key ?? "", static (_, self) => self.Build(), this);
    }

    private ResiliencePipeline<HttpResponseMessage> Build()
    {
        var retry = options.Retry;
        if (retry.ShouldRetryAfterHeader)
        {
            // Null leaves the wait to the back-off.
            retry.DelayGenerator = args => ValueTask.FromResult(RetryAfter.Of(args.Outcome.Result, time));
        }

        return new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddTimeout(options.TotalRequestTimeout)
            .AddRetry(retry)
            .AddCircuitBreaker(options.CircuitBreaker)
            .AddTimeout(options.AttemptTimeout)
            .Build();
    }
}
