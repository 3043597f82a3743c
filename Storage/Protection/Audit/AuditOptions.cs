using System.ComponentModel.DataAnnotations;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>Settings of the section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>Folder of the log's files; <c>audit</c> below the data root where null.</summary>
    public string? Folder { get; set; }

    /// <summary>
    /// The log's name, in its checkpoints: best a URL without its scheme that is this installation's alone. Where null, one is made of the key's id. A log that exists
    /// keeps its name.
    /// </summary>
    public string? Origin { get; set; }

    /// <summary>Milliseconds between looks for events that the log has not taken yet.</summary>
    [Range(10, 60_000)]
    public int IntervalMilliseconds { get; set; } = 500;

    /// <summary>Days that events stay in the table and the log; older ones go to the archive. Null: all stay.</summary>
    [Range(1, 36_500)]
    public int? KeepDays { get; set; }
}
