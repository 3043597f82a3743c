using System.Runtime.ExceptionServices;
using Polly;

namespace CloudStore.ServiceDefaults.WithoutAspire;

/// <summary>Sends requests through a pipeline.</summary>
internal sealed class StandardResilienceHandler(StandardPipelines pipelines) : DelegatingHandler
{
    /// <summary>The request, for strategies that decide by it.</summary>
    public static readonly ResiliencePropertyKey<HttpRequestMessage> Request = new("CloudStore.HttpRequest");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Request, request);
        try
        {
            var outcome = await pipelines.For(request).ExecuteOutcomeAsync(AttemptAsync, context, request);
            return outcome.Result ?? Rethrow(outcome.Exception!);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    // An attempt's failure travels as a value: throwing it through every strategy would cost more than the strategies.
    private async ValueTask<Outcome<HttpResponseMessage>> AttemptAsync(ResilienceContext context, HttpRequestMessage request)
    {
        try
        {
            return Outcome.FromResult(await base.SendAsync(request, context.CancellationToken));
        }
#pragma warning disable CA1031 // Every exception is the outcome, which the caller gets.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Outcome.FromException<HttpResponseMessage>(exception);
        }
    }

    private static HttpResponseMessage Rethrow(Exception exception)
    {
        ExceptionDispatchInfo.Throw(exception);
        return null!;
    }
}
