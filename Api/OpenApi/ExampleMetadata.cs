namespace CloudStore.Api.OpenApi;

/// <summary>Endpoint metadata: what a request and a successful answer look like in the OpenAPI document.</summary>
internal sealed record ExampleMetadata(object? Request, object? Response);

/// <summary>Gives endpoints their examples.</summary>
public static class ExampleExtensions
{
    /// <param name="request">A value of the body's type, written as the API reads it, or a string where the body is not JSON; null without a body.</param>
    /// <param name="response">A value of the answer's type, or a string where the answer is not JSON; null without an answer's body.</param>
    public static TBuilder WithExample<TBuilder>(this TBuilder builder, object? request, object? response)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new ExampleMetadata(request, response));
}
