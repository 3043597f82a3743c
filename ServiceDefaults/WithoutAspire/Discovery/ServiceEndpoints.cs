using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace CloudStore.ServiceDefaults.WithoutAspire;

/// <summary>
/// Resolves service names by configuration. A URI is <c>SCHEMES://[_ENDPOINT.]NAME[/path]</c>, where SCHEMES is <c>http</c>, <c>https</c>, or several
/// joined by <c>+</c>, the preferred one first. The instances are <c>services:NAME:ENDPOINT:0</c>, <c>:1</c> and so on (as environment variables
/// <c>services__NAME__http__0</c>), used in turn; the endpoint is the one named, else <c>default</c>, else the first scheme that is configured.
/// A name that is not configured is left to DNS.
/// </summary>
internal sealed class ServiceEndpoints : IDisposable
{
    private readonly ConcurrentDictionary<(string Schemes, string Host), Instances> _resolved = new();
    private readonly IConfiguration _configuration;
    private readonly IDisposable _reload;

    public ServiceEndpoints(IConfiguration configuration)
    {
        _configuration = configuration;
        _reload = ChangeToken.OnChange(configuration.GetReloadToken, _resolved.Clear);
    }

    /// <summary>The URI of the service's next instance, with the path and query of <paramref name="named"/>.</summary>
    /// <exception cref="InvalidOperationException">A configured instance is neither a URI nor host:port.</exception>
    public Uri Resolve(Uri named)
    {
        var instances = _resolved.GetOrAdd((named.Scheme, named.Host), static (key, self) => self.Read(key.Schemes.Split('+'), key.Host), this);
        return instances.Next() is { } instance ? Join(instance, named) : WithFirstScheme(named);
    }

    public void Dispose() => _reload.Dispose();

    private Instances Read(string[] schemes, string host)
    {
        var (endpoint, name) = host.StartsWith('_') && host.Split('.', 2) is [var first, var rest] ? (first[1..], rest) : (null, host);
        var service = _configuration.GetSection("services").GetSection(name);
        IEnumerable<string> candidates = endpoint is null ? ["default", .. schemes] : [endpoint];
        var section = candidates.Select(service.GetSection).FirstOrDefault(s => s.Exists());
        if (section is null)
        {
            return new([]);
        }

        IEnumerable<IConfigurationSection> values = section.Value is null ? section.GetChildren() : [section];
        var uris = values.Select(value => Parse(value, schemes[0])).Where(u => schemes.Contains(u.Scheme, StringComparer.OrdinalIgnoreCase)).ToList();
        var preferred = Array.Find(schemes, scheme => uris.Exists(u => u.Scheme == scheme));
        return new([.. uris.Where(u => u.Scheme == preferred)]);
    }

    // A value may be host:port alone; it is then reached by the scheme the caller prefers.
    private static Uri Parse(IConfigurationSection section, string scheme) =>
        Uri.TryCreate(section.Value?.Contains("://", StringComparison.Ordinal) == true ? section.Value : $"{scheme}://{section.Value}",
            UriKind.Absolute, out var uri)
            ? uri
            : throw new InvalidOperationException(
                $"The setting {section.Path} is '{section.Value}', which is neither a URI like http://host:port nor host:port.");

    private static Uri Join(Uri instance, Uri named) =>
        new UriBuilder(instance)
        {
            Path = instance.AbsolutePath.TrimEnd('/') + named.AbsolutePath,
            Query = named.Query,
            Fragment = named.Fragment,
        }.Uri;

    private static Uri WithFirstScheme(Uri named) =>
        named.Scheme.Contains('+') ? new Uri(named.Scheme[..named.Scheme.IndexOf('+')] + named.AbsoluteUri[named.Scheme.Length..]) : named;

    private sealed class Instances(Uri[] uris)
    {
        private uint _turn = uint.MaxValue;

        public Uri? Next() => uris.Length == 0 ? null : uris[Interlocked.Increment(ref _turn) % (uint)uris.Length];
    }
}
