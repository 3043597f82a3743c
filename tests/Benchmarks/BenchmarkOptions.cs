using System.Globalization;

namespace CloudStore.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchmarkOptions
{
    public const string Help = """
        usage: dotnet run -c Release --project tests/Benchmarks -- all|import|export|sqlite|http|metrics|audit|retail|allocations|protection|cache|cache-outage|files
                 [--rows N] [--runs N] [--seconds N] [--wait N] [--peer-descriptor FILE]
          --rows N                rows that are imported (1,000,000), or bars (10,000,000)
          --runs N                runs of each import, of which the median counts (3)
          --seconds N             seconds of each HTTP and pgbench run (10)
          --wait N                most seconds to wait for a quiet machine before each measurement (30)
          --peer-descriptor FILE  with http: writes what another harness needs to drive the server, and waits until it is stopped
        Postgres is named by CLOUDSTORE_TEST_POSTGRES; tests/servers/with starts one:
          tests/servers/with dotnet run -c Release --project tests/Benchmarks -- all
        """;

    private static readonly string[] Suites = ["import", "export", "sqlite", "http", "metrics", "audit", "retail", "allocations", "protection", "cache", "cache-outage", "files", "parquet"];

    public required IReadOnlyList<string> Chosen { get; init; }

    public int Rows { get; init; } = 1_000_000;

    public int Runs { get; init; } = 3;

    public int Seconds { get; init; } = 10;

    public int Wait { get; init; } = 30;

    public string? PeerDescriptor { get; init; }

    public static bool TryParse(string[] args, out BenchmarkOptions options, out string error)
    {
        options = new BenchmarkOptions { Chosen = Suites };
        error = "";
        if (args.Length == 0 || (args[0] != "all" && !Suites.Contains(args[0])))
        {
            error = "Which benchmark?";
            return false;
        }

        options = options with { Chosen = args[0] == "all" ? Suites : [args[0]] };
        for (int i = 1; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length || With(options, args[i], args[i + 1]) is not { } next)
            {
                error = $"{args[i]} is not understood.";
                return false;
            }

            options = next;
        }

        return true;
    }

    private static BenchmarkOptions? With(BenchmarkOptions options, string name, string value)
    {
        int number = int.TryParse(value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out int n) ? n : 0;
        return name switch
        {
            "--rows" when number > 0 => options with { Rows = number },
            "--runs" when number > 0 => options with { Runs = number },
            "--seconds" when number > 0 => options with { Seconds = number },
            "--wait" when number > 0 => options with { Wait = number },
            "--peer-descriptor" => options with { PeerDescriptor = value },
            _ => null,
        };
    }
}
