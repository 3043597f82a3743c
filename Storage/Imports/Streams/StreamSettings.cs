using System.ComponentModel.DataAnnotations;

namespace CloudStore.Storage.Imports.Streams;

/// <summary>Settings of the section <c>Streams</c>; a request can choose smaller batches.</summary>
public sealed class StreamSettings
{
    public const string Section = "Streams";

    /// <summary>Rows after which a micro-batch is committed.</summary>
    [Range(1, 100_000)]
    public int BatchRows { get; set; } = 1000;

    /// <summary>Milliseconds after its first row after which a micro-batch is committed with fewer rows.</summary>
    [Range(1, 60_000)]
    public int BatchMilliseconds { get; set; } = 200;
}
