using System.Globalization;
using System.Text.RegularExpressions;

namespace CloudStore.Benchmarks;

/// <summary>The rate at which Postgres alone runs the product's statements: prepared, 16 clients that do nothing else.</summary>
internal static partial class PgBench
{
    private const int MostScripts = 100;

    /// <param name="statement">A file of the folder Sql. What stands as {name} in it is replaced.</param>
    /// <param name="values">One set of values for each script; pgbench draws among the scripts.</param>
    /// <returns>Runs of the script per second.</returns>
    public static async Task<double> RunAsync(Database database, string statement, int seconds, IReadOnlyList<IReadOnlyDictionary<string, string>> values)
    {
        using var folder = new Scratch();
        var template = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Sql", statement));
        List<string> arguments = ["-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", $"{seconds}"];
        for (int i = 0; i < Math.Min(values.Count, MostScripts); i++)
        {
            var script = folder.File($"{i}.sql");
            await File.WriteAllTextAsync(script, values[i].Aggregate(template, (text, v) => text.Replace($"{{{v.Key}}}", v.Value, StringComparison.Ordinal)));
            arguments.AddRange(["-f", script]);
        }

        var output = await Tools.RunAsync("pgbench", arguments, database.Environmental);
        return double.Parse(Tps().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"tps = ([\d.]+)")]
    private static partial Regex Tps();
}
