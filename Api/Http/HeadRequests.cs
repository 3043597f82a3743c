using CloudStore.Api.Uploads;

namespace CloudStore.Api.Http;

/// <summary>
/// Answers HEAD wherever GET is answered, with the same status and headers and no body (RFC 9110, section 9.3.2): the request goes through the pipeline as a GET, and
/// the server, which sees a HEAD again when the answer starts, sends no body.
/// </summary>
internal sealed class HeadRequests(RequestDelegate next)
{
    private static readonly object Mark = new();

    /// <summary>True where only the head of an answer is wanted: what would be long is not made.</summary>
    public static bool IsHead(HttpContext context) => context.Items.ContainsKey(Mark);

    public async Task InvokeAsync(HttpContext context)
    {
        // tus has a HEAD of its own, and no GET.
        if (!HttpMethods.IsHead(context.Request.Method) || context.Request.Path.StartsWithSegments(UploadEndpoints.Path))
        {
            await next(context);
            return;
        }

        context.Items[Mark] = Mark;
        context.Request.Method = HttpMethods.Get;
        context.Response.OnStarting(static state =>
        {
            ((HttpContext)state).Request.Method = HttpMethods.Head;
            return Task.CompletedTask;
        }, context);
        try
        {
            await next(context);
        }
        finally
        {
            context.Request.Method = HttpMethods.Head;
        }
    }
}
