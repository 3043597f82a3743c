using System.Diagnostics;
using System.Text;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Api.Tests.Voice;

/// <summary>Looks for a text on the disk of a server and in its database, as whoever stole them would.</summary>
internal static class Plaintext
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Whether it is in any file below the data folder, or in any column of any table.</summary>
    public static async Task<bool> IsAnywhereAsync(ApiServer server, string text) => await IsOnDiskAsync(server.DataFolder, text) || (server.ConnectionString is not null && await IsInTablesAsync(server, text));

    // grep reads what the server has locked, too.
    private static async Task<bool> IsOnDiskAsync(string folder, string text)
    {
        var start = new ProcessStartInfo("grep", ["-rlaF", "-e", text, "-e", Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('='), folder]) { RedirectStandardOutput = true };
        using var grep = Process.Start(start)!;
        var found = await grep.StandardOutput.ReadToEndAsync(Token);
        await grep.WaitForExitAsync(Token);
        Assert.True(grep.ExitCode is 0 or 1, $"grep ended with {grep.ExitCode}");
        return found.Length > 0;
    }

    private static async Task<bool> IsInTablesAsync(ApiServer server, string text)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<StoreContext>().Database;
        var columns = await database.SqlQueryRaw<string>(
            "SELECT table_name || ' ' || column_name || ' ' || data_type AS \"Value\" FROM information_schema.columns WHERE table_schema = 'public'").ToListAsync(Token);
        Assert.Contains(columns, c => c.StartsWith("voice_turns words bytea", StringComparison.Ordinal));
        foreach (var parts in columns.Select(c => c.Split(' ')))
        {
            var value = parts[2] == "bytea" ? $"position(convert_to('{text}', 'UTF8') IN \"{parts[1]}\") > 0" : $"position('{text}' IN \"{parts[1]}\"::text) > 0";
            var sql = $"SELECT count(*) AS \"Value\" FROM \"{parts[0]}\" WHERE {value}";
            if (await database.SqlQueryRaw<long>(sql).SingleAsync(Token) > 0)
            {
                return true;
            }
        }

        return false;
    }
}
