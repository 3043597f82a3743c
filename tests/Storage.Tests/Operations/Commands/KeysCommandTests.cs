using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Tests.Protection;
using CloudStore.Storage.Tests.Records;

namespace CloudStore.Storage.Tests.Operations.Commands;

/// <summary>The command line itself, as a process.</summary>
public sealed class KeysCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Keys_are_listed_rotated_rewrapped_and_destroyed_once_that_is_confirmed(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var first = store.Ring.Current("acme", "anna").Id;
        var (code, output, _) = await RunAsync(store, "keys", "list", "--tenant", "acme");
        Assert.Equal(0, code);
        Assert.Contains($"{first}  acme             anna", output, StringComparison.Ordinal);
        Assert.Contains("Active", output, StringComparison.Ordinal);

        (code, output, _) = await RunAsync(store, "keys", "rotate", "--tenant", "acme");
        Assert.Equal(0, code);
        Assert.Contains("Done: 0 rows encrypted anew", output, StringComparison.Ordinal);
        (_, output, _) = await RunAsync(store, "keys", "list");
        Assert.Contains("DecryptOnly", output, StringComparison.Ordinal);

        (code, _, var errors) = await RunAsync(store, "keys", "destroy", first.ToString());
        Assert.Equal(1, code);
        Assert.Contains("--yes", errors, StringComparison.Ordinal);
        (code, _, _) = await RunAsync(store, "keys", "destroy", first.ToString(), "--yes");
        Assert.Equal(0, code);
        store.Ring.Forget();
        Assert.Equal(KeyAbsence.Destroyed, store.Ring.Find(first).Absence);

        (code, output, _) = await RunAsync(store, "keys", "rewrap");
        Assert.Equal(0, code);
        Assert.Contains("0 keys are now wrapped", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_master_key_ends_a_command_with_the_settings_name_and_no_trace()
    {
        await using var store = await ProtectedStore.OpenAsync(Database.Sqlite);
        var (code, _, errors) = await RunAsync(store, ["keys", "list"], ("Protection__MasterKey", Convert.ToBase64String(new byte[32])));
        Assert.Equal(1, code);
        Assert.Contains("Protection:MasterKey", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(ProtectedStore store, params string[] arguments) => RunAsync(store, arguments, []);

    private static Task<(int Code, string Output, string Errors)> RunAsync(ProtectedStore store, string[] arguments, params (string Name, string Value)[] environment) =>
        CommandProcess.RunAsync(store.Folder, store.ConnectionString, arguments, [("Protection__KeyCacheSeconds", "1"), .. environment]);
}
