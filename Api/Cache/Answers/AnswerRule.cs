using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Changes;

namespace CloudStore.Api.Cache.Answers;

/// <summary>
/// Endpoint metadata: a GET whose answer depends on nothing but its path and query, the tenant and the records of some tables, so that it may be kept. Never for answers with
/// protected fields: each reading of those is audited.
/// </summary>
/// <param name="many">True: the answer depends on which records there are, as lists and sums do. False: on records it names.</param>
/// <param name="tables">The tables.</param>
internal sealed class AnswerRule(bool many, IReadOnlyList<string> tables)
{
    private CacheEntryOptions? _options;

    public bool Many => many;

    public IReadOnlyList<string> Tables => tables;

    public CacheEntryOptions Options(double seconds) => _options ??= new CacheEntryOptions
    {
        TimeToLive = TimeSpan.FromSeconds(seconds),
        // In memory alone: for the seconds that an answer lives, making it once in each process costs less than asking Redis, which may be slow or away.
        Layers = CacheLayers.Memory,
        Tags = [.. tables.Select(RecordTags.Changed), .. many ? tables.Select(RecordTags.Added) : []],
    };
}

/// <summary>Says which answers may be kept.</summary>
internal static class AnswerRules
{
    /// <summary>A record by its id.</summary>
    public static TBuilder CachesRecord<TBuilder>(this TBuilder builder, params string[] tables)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AnswerRule(false, tables));

    /// <summary>A list of records, or what is computed of them.</summary>
    public static TBuilder CachesList<TBuilder>(this TBuilder builder, params string[] tables)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AnswerRule(true, tables));
}
