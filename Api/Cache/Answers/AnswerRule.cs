using CloudStore.Storage.Cache;
using CloudStore.Storage.Cache.Changes;

namespace CloudStore.Api.Cache.Answers;

/// <summary>
/// Endpoint metadata: a GET whose answer depends on nothing but its path and query, the tenant and the records of some tables, so that it may be kept. Never for answers with
/// protected fields: each reading of those is audited.
/// </summary>
/// <param name="many">True: the answer depends on which records there are, as lists and sums do. False: on records it names.</param>
/// <param name="layers">Where it is kept: what takes long to make is worth sharing with other processes.</param>
/// <param name="tables">The tables.</param>
internal sealed class AnswerRule(bool many, CacheLayers layers, IReadOnlyList<string> tables)
{
    private CacheEntryOptions? _options;

    public bool Many => many;

    public IReadOnlyList<string> Tables => tables;

    public CacheEntryOptions Options(double seconds) => _options ??= new CacheEntryOptions
    {
        TimeToLive = TimeSpan.FromSeconds(seconds),
        Layers = layers,
        Tags = [.. tables.Select(RecordTags.Changed), .. many ? tables.Select(RecordTags.Added) : []],
    };
}

/// <summary>Says which answers may be kept.</summary>
internal static class AnswerRules
{
    /// <summary>A record by its id.</summary>
    public static TBuilder CachesRecord<TBuilder>(this TBuilder builder, params string[] tables)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AnswerRule(false, CacheLayers.Memory, tables));

    /// <summary>A list of records.</summary>
    public static TBuilder CachesList<TBuilder>(this TBuilder builder, params string[] tables)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AnswerRule(true, CacheLayers.Memory, tables));

    /// <summary>Something computed of all records; other processes get it too.</summary>
    public static TBuilder CachesSums<TBuilder>(this TBuilder builder, params string[] tables)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AnswerRule(true, CacheLayers.All, tables));
}
