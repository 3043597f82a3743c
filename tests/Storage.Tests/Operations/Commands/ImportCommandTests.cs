using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Operations.Commands;

/// <summary>The command line itself, as a process.</summary>
public sealed class ImportCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wrong_target_or_option_is_said_in_one_line_and_a_right_one_loads()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.FullPath, "rows.csv");
        await File.WriteAllTextAsync(file, "campaignId,platform,spend\na,meta,1.5\nb,meta,2.5\n", Token);
        Assert.Equal(0, (await RunAsync(folder, "init")).Code);

        var (code, _, errors) = await RunAsync(folder, "import", file, "--target", "campains");
        Assert.Equal((1, "There is no target 'campains'; it is one of campaigns, llm-usage, queries, retail.sales, voice.metrics, voice.users."), (code, errors.Trim()));
        (code, _, errors) = await RunAsync(folder, "import", file, "--target", "campaigns", "--options", "onConflict=maybe");
        Assert.Equal(1, code);
        Assert.Contains("onConflict", Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);

        (code, var output, errors) = await RunAsync(folder, "import", file, "--target", "campaigns");
        Assert.Equal((0, ""), (code, errors));
        Assert.Equal("Succeeded: 2 rows read, 2 loaded, 0 updated, 0 skipped, 0 rejected.", output.Trim());
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(TempFolder folder, params string[] arguments) => CommandProcess.RunAsync(folder.FullPath, null, arguments);
}
