using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace CloudStore.ServiceDefaults.Problems;

/// <summary>
/// Runs a part of the pipeline so that it always ends in an answer: exceptions, and error statuses without a body, become problem details. Only
/// failures that are the server's own are logged as errors, each once.
/// </summary>
public sealed partial class ProblemGuard(ILogger<ProblemGuard> logger)
{
    /// <summary>What a request gets that its client gave up; nobody reads it, but it shows in logs and metrics.</summary>
    public const int ClientClosedRequest = 499;

    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        try
        {
            await next(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && IsGiveUp(e))
        {
            if (!context.Response.HasStarted)
            {
                context.Response.Clear();
                context.Response.StatusCode = ClientClosedRequest;
            }

            return;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, e);
            return;
        }
        catch (Exception e)
        {
            // Part of the answer is on its way: cutting the connection is the only sign left that it is not whole.
            CutShort(logger, ProblemWriter.TraceId(context), e);
            context.Abort();
            return;
        }

        if (IsBare(context.Response))
        {
            await BareStatus.AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception e)
    {
        var problem = FailureProblems.Explain(e);
        if (problem is null)
        {
            Failed(logger, context.Request.Method, context.Request.Path, ProblemWriter.TraceId(context), e);
            problem = new ProblemException(ProblemKind.Internal, "The server failed to answer this request. Its log has the cause under the traceId.");
        }
        else if (problem.Kind.Status >= 500)
        {
            StoreFailed(logger, problem.Kind.Id, ProblemWriter.TraceId(context), e.GetBaseException().Message);
        }

        context.Response.Clear();
        await ProblemWriter.WriteAsync(context, problem.Kind, problem.Message, problem.Errors, problem.RetryAfter);
    }

    private static bool IsGiveUp(Exception e) =>
        e is OperationCanceledException or IOException or Microsoft.AspNetCore.Connections.ConnectionResetException or BadHttpRequestException ||
        (e.InnerException is { } inner && IsGiveUp(inner));

    private static bool IsBare(HttpResponse response) =>
        response is { StatusCode: >= 400 and < 600, HasStarted: false, ContentLength: null } && string.IsNullOrEmpty(response.ContentType) &&
        response.HttpContext.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true };

    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed, trace {TraceId}.")]
    private static partial void Failed(ILogger logger, string method, string path, string traceId, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "Answered {Kind}, trace {TraceId}: {Reason}")]
    private static partial void StoreFailed(ILogger logger, string kind, string traceId, string reason);

    [LoggerMessage(3, LogLevel.Error, "An answer was cut short, trace {TraceId}.")]
    private static partial void CutShort(ILogger logger, string traceId, Exception exception);
}
