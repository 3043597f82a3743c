using System.CommandLine;
using System.Globalization;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Audit;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Operations.Commands;

/// <summary><c>audit verify</c>, <c>audit prove</c>, <c>audit archive</c>: for whoever has to answer for what was done.</summary>
internal static class AuditCommand
{
    private const int MostShown = 20;

    public static Command Create() => new("audit", "Verify, prove and archive the audit trail.") { Verify(), Prove(), Archive() };

    private static Command Verify()
    {
        var command = new Command("verify", "Hold table, log and checkpoint against each other. Ends with 1 where something was changed, and names the first event that was.");
        command.SetAction((_, cancellationToken) => WithAsync(async services =>
        {
            var report = await services.GetRequiredService<AuditVerifier>().VerifyAsync(cancellationToken);
            await Console.Out.WriteLineAsync($"{report.Size:N0} events in the log, {report.Pending:N0} waiting for it; {report.Archived:N0} archived, {report.HashesOnly:N0} of them by their hashes only.");
            if (report.IsGood)
            {
                await Console.Out.WriteLineAsync("Nothing was changed.");
                return 0;
            }

            await Console.Error.WriteLineAsync($"The first of {report.Findings.Count:N0} findings:");
            foreach (var finding in report.Findings.Take(MostShown))
            {
                await Console.Error.WriteLineAsync(finding.ToString());
            }

            return 1;
        }, cancellationToken));
        return command;
    }

    private static Command Prove()
    {
        var id = new Argument<Guid>("EVENT") { Description = "The event's id." };
        var output = new Option<FileInfo?>("--out") { Description = "The file to write; standard output where absent." };
        var command = new Command("prove", "Write a proof that an event is in the log, to be checked offline (c2sp.org/tlog-proof).") { id, output };
        command.SetAction((parsed, cancellationToken) => WithAsync(async services =>
        {
            var wanted = parsed.GetRequiredValue(id);
            var proofs = services.GetRequiredService<AuditProofs>();
            var row = await services.GetRequiredService<StoreContext>().Set<AuditEvent>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == wanted, cancellationToken)
                ?? proofs.FindArchived(wanted) ?? throw new ProblemException(ProblemKind.NotFound, $"There is no audit event {wanted}.");
            var proof = proofs.Prove(row.Id, row.Sequence).ToString();
            if (parsed.GetValue(output) is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, proof, cancellationToken);
            }
            else
            {
                await Console.Out.WriteAsync(proof);
            }

            return 0;
        }, cancellationToken));
        return command;
    }

    private static Command Archive()
    {
        var before = new Option<DateTimeOffset>("--before") { Description = "A day or an instant; UTC where it has no offset. Full bundles of events before it are moved.", Required = true };
        before.CustomParser = result =>
        {
            if (!DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            {
                result.AddError($"'{result.Tokens[0].Value}' is no day and no instant; write it as 2026-01-31 or 2026-01-31T09:30:00Z.");
            }

            return at;
        };
        var command = new Command("archive", "Move old events from the table and the log to the log's archive folder. Hashes and root stay.") { before };
        command.SetAction((parsed, cancellationToken) => WithAsync(async services =>
        {
            long moved = await services.GetRequiredService<AuditArchive>().MoveAsync(parsed.GetRequiredValue(before).UtcDateTime, "cli", cancellationToken);
            await Console.Out.WriteLineAsync($"{moved:N0} events were moved to {services.GetRequiredService<AuditLogs>().Folder.PathOf("archive")}.");
            return 0;
        }, cancellationToken));
        return command;
    }

    private static async Task<int> WithAsync(Func<IServiceProvider, Task<int>> run, CancellationToken cancellationToken)
    {
        using var host = CommandHost.Build();
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AuditKeyring>().LoadAsync(scope.ServiceProvider.GetRequiredService<StoreContext>(), cancellationToken);
        return await run(scope.ServiceProvider);
    }
}
