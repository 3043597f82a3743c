using System.Data.Common;
using System.Net;
using CloudStore.Api.Tests.Uploads;
using CloudStore.Storage.Files.Uploads;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CloudStore.Api.Tests.Files;

/// <summary>Lines to the database that break between a commit and its answer: what was committed is there, and so is its content.</summary>
public sealed class LostAnswerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_whose_record_was_committed_keeps_its_content()
    {
        var line = new BreakingLine();
        await using var server = await ApiServer.StartAsync(Provider.Postgres, configure: b => line.AddTo(b.Services));
        var content = FileClient.Noise(50_000);
        line.LosesInsert = true;
        var id = (await server.Client.StoreAsync(content)).Id();
        Assert.False(line.LosesInsert, "No answer was lost.");
        Assert.Equal(content, await server.Client.ContentAsync(id));

        var location = await TusTests.CreateAsync(server, content.Length);
        line.LosesInsert = true;
        using var patched = await TusTests.PatchAsync(server, location, 0, content);
        Assert.Equal((HttpStatusCode.NoContent, false), (patched.StatusCode, line.LosesInsert));
        Assert.Equal(content, await server.Client.ContentAsync(Guid.Parse(location.Split('/')[^1])));
        Assert.Equal(2, FileClient.Contents(server).Length);
    }

    [Fact]
    public async Task A_part_of_an_upload_whose_segment_was_committed_keeps_its_content()
    {
        var line = new BreakingLine();
        await using var server = await ApiServer.StartAsync(Provider.Postgres, configure: b => line.AddTo(b.Services));
        var content = FileClient.Noise(50_000);
        var location = await TusTests.CreateAsync(server, content.Length);
        line.LosesCommit = true;
        using (var first = await TusTests.PatchAsync(server, location, 0, content.AsMemory(0, 20_000)))
        {
            Assert.Equal((HttpStatusCode.NoContent, "20000", false), (first.StatusCode, TusTests.Header(first, "Upload-Offset"), line.LosesCommit));
        }

        using var rest = await TusTests.PatchAsync(server, location, 20_000, content.AsMemory(20_000));
        Assert.Equal(HttpStatusCode.NoContent, rest.StatusCode);
        Assert.Equal(content, await server.Client.ContentAsync(Guid.Parse(location.Split('/')[^1])));
    }

    /// <summary>Loses one answer behind what has been carried out, as a line does that breaks there.</summary>
    private sealed class BreakingLine
    {
        public bool LosesInsert { get; set; }

        public bool LosesCommit { get; set; }

        public void AddTo(IServiceCollection services) => services.ConfigureDbContext<PostgresContext>(o => o.AddInterceptors(new AtCommand(this), new AtCommit(this)));

        private static NpgsqlException Broken() => new("The line broke.", new IOException("The line broke."));

        private sealed class AtCommand(BreakingLine line) : DbCommandInterceptor
        {
            public override ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
            {
                bool isInsert = command.CommandText.Contains("INSERT INTO", StringComparison.OrdinalIgnoreCase) && command.CommandText.Contains("stored_files", StringComparison.Ordinal);
                if (!isInsert || !line.LosesInsert)
                {
                    return ValueTask.FromResult(result);
                }

                line.LosesInsert = false;
                throw Broken();
            }
        }

        private sealed class AtCommit(BreakingLine line) : DbTransactionInterceptor
        {
            public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
            {
                if (!line.LosesCommit || !eventData.Context!.ChangeTracker.Entries<UploadSegment>().Any())
                {
                    return Task.CompletedTask;
                }

                line.LosesCommit = false;
                throw Broken();
            }
        }
    }
}
