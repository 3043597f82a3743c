using System.IO.Compression;
using System.Text.Json.Nodes;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Protection.Fernet;
using CloudStore.Storage.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudStore.Storage.Exports;

/// <summary>What an export wrote.</summary>
/// <param name="Rows">Without a header.</param>
/// <param name="Bytes">As they were written, compressed where that was asked for.</param>
/// <param name="Sha256">Of these bytes.</param>
public sealed record ExportSummary(long Rows, long Bytes, byte[] Sha256);

/// <summary>
/// Writes records of the scope's tenant as a file, in memory that does not grow with it, from one snapshot of the database. Each export is two events in the audit: one
/// that is committed before the first byte leaves, so that no way of breaking it off hides it, and one at its end, with how many rows and which bytes went out, be it
/// whole or not.
/// </summary>
public sealed partial class ExportRunner(StoreContext context, ExportSources sources, AuditTrail audit, FernetTokens fernet, ExportGate gate, ILogger<ExportRunner> logger)
{
    /// <exception cref="ProblemException">Of kind invalid: a parameter is not right, or tokens are asked for and there is no key.</exception>
    public ExportPlan Plan(string source, IQueryCollection query)
    {
        var from = sources.Get(source);
        var plan = from.Plan(ExportQuery.Parse(from, query));
        return plan.Encrypted.Count == 0 || fernet.Cipher is not null ? plan : throw ProblemException.ForField(ProblemKind.Invalid, "encrypt", "key",
            $"encrypt=fernet: needs a key in the setting {FernetOptions.Section}:FernetKeys, and there is none.");
    }

    /// <summary>How many rows there are at this moment, for a progress bar.</summary>
    public Task<long> CountAsync(ExportPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.CountAsync(context, cancellationToken);
    }

    /// <summary>Writes the file. What was written is worth nothing where this throws.</summary>
    /// <param name="plan">What to write.</param>
    /// <param name="to">Where to; it stays open.</param>
    /// <param name="progress">Told how many rows were written, now and then.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="ProblemException">Of kind rate-limited: as many exports run as may.</exception>
    public async Task<ExportSummary> RunAsync(ExportPlan plan, Stream to, Action<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using var place = gate.Enter();
        var id = RecordId.Next(context.Time);
        long rows = 0;
        await NoteAsync(plan, id, "started", null, cancellationToken);
        using var content = new HashingWriteStream(to);
        try
        {
            await WriteAsync(plan, content, Count, cancellationToken);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await NoteInterruptedAsync(plan, id, new ExportSummary(rows, content.Bytes, content.Sha256()));
            throw;
        }

        var summary = new ExportSummary(rows, content.Bytes, content.Sha256());
        await NoteAsync(plan, id, "complete", summary, CancellationToken.None);
        return summary;

        void Count(int more)
        {
            rows += more;
            progress?.Invoke(rows);
        }
    }

    private async Task WriteAsync(ExportPlan plan, HashingWriteStream content, Action<int> writes, CancellationToken cancellationToken)
    {
        if (!plan.Options.Gzip)
        {
            await plan.WriteAsync(context, fernet.Cipher, content, writes, cancellationToken);
            return;
        }

        // Closed only where all went well: closing writes the end that tells a whole file.
        var gzip = new GZipStream(content, CompressionLevel.Fastest, leaveOpen: true);
        await plan.WriteAsync(context, fernet.Cipher, gzip, writes, cancellationToken);
        await gzip.DisposeAsync();
    }

    // Whoever breaks off learns nothing of it, so neither their leaving nor a second failure may hide the first.
    private async Task NoteInterruptedAsync(ExportPlan plan, Guid id, ExportSummary summary)
    {
        try
        {
            await NoteAsync(plan, id, "interrupted", summary, CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            NotNoted(logger, e, id);
        }
    }

    private Task NoteAsync(ExportPlan plan, Guid id, string state, ExportSummary? summary, CancellationToken cancellationToken)
    {
        var details = plan.Describe();
        details["export"] = id.ToString();
        details["state"] = state;
        if (summary is not null)
        {
            details["bytes"] = JsonValue.Create(summary.Bytes);
        }

        return audit.NoteAsync(new AuditNote(AuditAction.Export, plan.Table(context), Items: summary?.Rows, After: summary?.Sha256, Details: details), cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Error, "That export {Export} was interrupted could not be written to the audit; that it started is there.")]
    private static partial void NotNoted(ILogger logger, Exception exception, Guid export);
}
