using System.ComponentModel.DataAnnotations;

namespace CloudStore.Storage.Records;

/// <summary>Settings of the section <c>Records</c>.</summary>
public sealed class RecordsOptions
{
    public const string Section = "Records";

    /// <summary>Name of the connection string (<c>ConnectionStrings:records</c>) that selects Postgres.</summary>
    public const string ConnectionName = "records";

    /// <summary>Most connections a process opens to Postgres.</summary>
    [Range(1, 1000)]
    public int MaxPoolSize { get; set; } = 32;

    /// <summary>Connections kept open while idle; at most <see cref="MaxPoolSize"/>.</summary>
    [Range(0, 1000)]
    public int MinPoolSize { get; set; }

    /// <summary>Seconds a request waits for a free connection.</summary>
    [Range(1, 600)]
    public int ConnectTimeoutSeconds { get; set; } = 15;

    /// <summary>Seconds a command may take; 0 for no limit.</summary>
    [Range(0, 3600)]
    public int CommandTimeoutSeconds { get; set; } = 30;

    /// <summary>Times a command is sent again after a transient fault of Postgres, at once and then after up to a second each; then the caller is told to come back.</summary>
    [Range(0, 20)]
    public int Retries { get; set; } = 3;

    /// <summary>Commands that take longer, in milliseconds, are logged with their text.</summary>
    [Range(1, 3_600_000)]
    public int SlowQueryMilliseconds { get; set; } = 500;

    /// <summary>Milliseconds a SQLite writer waits for another to finish.</summary>
    [Range(0, 600_000)]
    public int SqliteBusyMilliseconds { get; set; } = 30_000;
}
