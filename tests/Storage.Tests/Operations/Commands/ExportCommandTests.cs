using CloudStore.Storage.Protection.Fernet;
using CloudStore.Storage.Tests.Imports.Jobs;
using CloudStore.Storage.Tests.Records;

namespace CloudStore.Storage.Tests.Operations.Commands;

/// <summary>The command line itself, as a process.</summary>
public sealed class ExportCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_file_is_written_whole_by_its_name_and_filters_or_not_at_all(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database);
        var key = FernetKey.Generate().Export();
        var file = Path.Combine(store.Folder, "out", "rows.csv");
        await store.LoadAsync("campaignId,platform,spend\na,meta,1.5\nb,meta,2.5\nc,x,3.5\n");

        var (code, output, errors) = await RunAsync(store, key, "export", "campaigns", file, "--columns", "campaignId,spend", "--filter", "platform=meta");
        Assert.True(code == 0, errors);
        Assert.StartsWith("rows.csv: 2 rows, ", output, StringComparison.Ordinal);
        Assert.Equal("campaignId,spend\r\na,1.5\r\nb,2.5\r\n", await File.ReadAllTextAsync(file, Token));

        (code, _, errors) = await RunAsync(store, key, "export", "campaigns", file, "--columns", "nothing");
        Assert.Equal(1, code);
        Assert.Contains("campaigns has no column 'nothing'", errors, StringComparison.Ordinal);
        (code, _, errors) = await RunAsync(store, key, "export", "campaigns", file, "--filter", "plattform=meta");
        Assert.Equal(1, code);
        Assert.Contains("There is no parameter 'plattform'", errors, StringComparison.Ordinal);
        Assert.Equal(["rows.csv"], Directory.GetFiles(Path.GetDirectoryName(file)!).Select(Path.GetFileName));
        Assert.StartsWith("campaignId,spend", await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);

        var lines = Path.Combine(store.Folder, "out", "rows.jsonl");
        Assert.Equal(0, (await RunAsync(store, key, "export", "campaigns", lines, "--columns", "spend", "--filter", "campaignId=a", "--encrypt", "fernet:spend")).Code);
        var token = (await File.ReadAllTextAsync(lines, Token)).Split('"')[3];
        Assert.Equal("1.5"u8.ToArray(), new MultiFernet([FernetKey.Parse(key)], TimeProvider.System).Decrypt(token));
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(ImportStore store, string fernetKey, params string[] arguments) =>
        CommandProcess.RunAsync(store.Folder, store.ConnectionString, [.. arguments, "--tenant", "acme"], ("Protection__FernetKeys__0", fernetKey));
}
