using System.ComponentModel.DataAnnotations;

namespace CloudStore.Storage.Operations.Persons;

/// <summary>Settings of the section <c>PersonJobs</c>: exports and erasures of one person.</summary>
public sealed class PersonJobOptions
{
    public const string Section = "PersonJobs";

    /// <summary>Jobs a process works on at the same time; 0 leaves them to others.</summary>
    [Range(0, 64)]
    public int Workers { get; set; } = 1;

    /// <summary>Seconds without a sign of life after which another worker takes a job over.</summary>
    [Range(1, 3600)]
    public int LeaseSeconds { get; set; } = 30;

    /// <summary>Times a job is taken up before it counts as failed.</summary>
    [Range(1, 1000)]
    public int MaxAttempts { get; set; } = 10;

    /// <summary>How often a worker looks for jobs.</summary>
    [Range(10, 60_000)]
    public int PollMilliseconds { get; set; } = 500;

    /// <summary>Days an export is kept for fetching.</summary>
    [Range(1, 365)]
    public int ExportDays { get; set; } = 7;
}
