using System.Text.Json;
using System.Text.Json.Serialization;
using CloudStore.Storage.Imports.Jobs;

namespace CloudStore.Api.Imports;

/// <summary>An import job as the API shows it.</summary>
public sealed record ImportView
{
    public required Guid Id { get; init; }

    public required string Target { get; init; }

    public required ImportStatus Status { get; init; }

    public required long RowsRead { get; init; }

    /// <summary>Rows that are new records.</summary>
    public required long RowsLoaded { get; init; }

    /// <summary>Rows that changed a record that was there.</summary>
    public required long RowsUpdated { get; init; }

    /// <summary>Rows left out because their record was there.</summary>
    public required long RowsSkipped { get; init; }

    public required long RowsRejected { get; init; }

    /// <summary>Loaded rows to be looked at: for retail.sales those sold above their maximum retail price.</summary>
    public required long RowsFlagged { get; init; }

    /// <summary>Bytes of the file as sent.</summary>
    public required long BytesRead { get; init; }

    public required long BytesTotal { get; init; }

    /// <summary>Rows read for each second since the start.</summary>
    public required double? RowsPerSecond { get; init; }

    /// <summary>Seconds until the end at the present rate; null where the job does not run.</summary>
    public required double? EtaSeconds { get; init; }

    public required DateTime CreatedAt { get; init; }

    public required DateTime? StartedAt { get; init; }

    public required DateTime? FinishedAt { get; init; }

    /// <summary>What is odd about a job that succeeded: its file has no rows. Null where there is nothing to say.</summary>
    public required string? Warning { get; init; }

    /// <summary>Why it failed: problem details.</summary>
    public required JsonElement? Error { get; init; }

    public static ImportView Of(ImportJob job, TimeProvider time)
    {
        var seconds = job.StartedAt is { } start ? ((job.FinishedAt ?? time.GetUtcNow().UtcDateTime) - start).TotalSeconds : 0;
        double? eta = job is { Status: ImportStatus.Running, BytesRead: > 0 } ? Math.Round(seconds / job.BytesRead * (job.BytesTotal - job.BytesRead), 1) : null;
        return new ImportView
        {
            Id = job.Id,
            Target = job.Target,
            Status = job.Status,
            RowsRead = job.RowsRead,
            RowsLoaded = job.RowsLoaded,
            RowsUpdated = job.RowsUpdated,
            RowsSkipped = job.RowsSkipped,
            RowsRejected = job.RowsRejected,
            RowsFlagged = job.RowsFlagged,
            BytesRead = job.BytesRead,
            BytesTotal = job.BytesTotal,
            RowsPerSecond = seconds > 0 ? Math.Round(job.RowsRead / seconds, 1) : null,
            EtaSeconds = eta,
            CreatedAt = job.CreatedAt,
            StartedAt = job.StartedAt,
            FinishedAt = job.FinishedAt,
            Warning = job.Warning,
            Error = job.Error is null ? null : JsonElement.Parse(job.Error),
        };
    }

    [JsonIgnore]
    public bool IsOver => Status is ImportStatus.Succeeded or ImportStatus.Failed or ImportStatus.Cancelled;
}
