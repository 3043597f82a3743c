using System.Diagnostics;
using System.Security.Cryptography;
using CloudStore.ProtectedSample;
using CloudStore.Storage;
using CloudStore.Storage.Access;
using CloudStore.Storage.Operations;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Bulk;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudStore.Benchmarks;

/// <summary>Field encryption of a row's prices beside bare AES-GCM on the same bytes, and the rotation of keys.</summary>
internal static class ProtectionBenchmark
{
    private const int Rows = 10_000;
    private const int Rounds = 40;

    public static async Task RunAsync(BenchmarkOptions options, ResultTable table)
    {
        await CiphersAsync(options, table);
        await RotationAsync(options, table, null);
        if (Database.IsThere)
        {
            await using var database = await Database.CreateAsync();
            await RotationAsync(options, table, database.ConnectionString);
        }
    }

    private static async Task CiphersAsync(BenchmarkOptions options, ResultTable table)
    {
        using var folder = new Scratch();
        using var host = await HostAsync(folder, null);
        await using var scope = host.Services.CreateScopeFor(Caller.System("acme", "benchmark"));
        var context = scope.ServiceProvider.GetRequiredService<StoreContext>();
        var plan = ProtectedPlan<PricedRow>.Of(context)!;
        var rows = Make(Rows);
        rows.ForEach(context.Stamp);
        using var bare = new BareCipher(rows);
        List<double> seal = [], open = [], bareSeal = [], bareOpen = [];
        // Once for the compiler. Then both in turns, so that whatever else the machine does meets both.
        for (int run = 0; run <= options.Runs; run++)
        {
            double[] times = await QuietMachine.MeasureAsync("field encryption", table, () => Task.FromResult(
                (double[])[Time(() => plan.SealAll(context, rows)), Time(bare.EncryptAll), Time(() => plan.OpenAll(context, rows)), Time(bare.DecryptAll)]));
            if (run > 0)
            {
                seal.Add(times[0]);
                bareSeal.Add(times[1]);
                open.Add(times[2]);
                bareOpen.Add(times[3]);
            }
        }

        const double All = (double)Rows * Rounds;
        table.Add("encrypt a row's prices", All / ResultTable.Median(seal), "rows/s", All / ResultTable.Median(bareSeal), "yardstick: bare AesGcm, same bytes");
        table.Add("decrypt a row's prices", All / ResultTable.Median(open), "rows/s", All / ResultTable.Median(bareOpen), "yardstick: bare AesGcm, same bytes");
        long before = GC.GetAllocatedBytesForCurrentThread();
        plan.SealAll(context, rows);
        table.Add("allocated to encrypt a row's prices", (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Rows, "bytes", note: "the token");
        before = GC.GetAllocatedBytesForCurrentThread();
        plan.OpenAll(context, rows);
        table.Add("allocated to decrypt a row's prices", (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Rows, "bytes");
    }

    private static async Task RotationAsync(BenchmarkOptions options, ResultTable table, string? connection)
    {
        int count = Math.Min(options.Rows, 200_000);
        using var folder = new Scratch();
        using var host = await HostAsync(folder, connection);
        await using (var scope = host.Services.CreateScopeFor(Caller.System("acme", "benchmark")))
        {
            await new BulkWriter<PricedRow>(scope.ServiceProvider.GetRequiredService<StoreContext>()).WriteAsync(Make(count), ConflictMode.Reject);
        }

        var rotation = await host.Services.GetRequiredService<KeyOperations>().RotateAsync("acme", "benchmark");
        var pass = new FirstPass();
        long started = Stopwatch.GetTimestamp();
        await host.Services.GetRequiredService<RotationRunner>().RunAsync(rotation.Id, pass);
        table.Add($"rotate {count:#,0} rows, {(connection is null ? "SQLite" : "Postgres")}", count / Stopwatch.GetElapsedTime(started, pass.Ended).TotalSeconds, "rows/s", note: "the pass that re-encrypts");
    }

    private static async Task<IHost> HostAsync(Scratch folder, string? connection)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Root"] = folder.File("data"),
            ["ConnectionStrings:records"] = connection,
            ["Protection:KeyCacheSeconds"] = "1",
        });
        builder.Services.AddSingleton(new DataOptions { Root = folder.File("data") });
        builder.AddRecords();
        builder.AddSample();
        var host = builder.Build();
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<StoreContext>().Database.EnsureCreatedAsync();
        await StoreStartup.ReadKeysAsync(scope.ServiceProvider, default);
        return host;
    }

    private static List<PricedRow> Make(int count) => [.. Enumerable.Range(0, count).Select(i => new PricedRow { Quantity = i, Mrp = 100 + i / 100m, SellingPrice = 90 + i / 100m })];

    private static double Time(Action round)
    {
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < Rounds; i++)
        {
            round();
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private sealed class FirstPass : IProgress<KeyRotation>
    {
        public long Ended { get; private set; } = Stopwatch.GetTimestamp();

        public void Report(KeyRotation value) => Ended = value.Pass == 1 ? Stopwatch.GetTimestamp() : Ended;
    }

    /// <summary>What nobody can do without: a nonce, the associated data, and one call for each row.</summary>
    private sealed class BareCipher : IDisposable
    {
        private readonly AesGcm _aes = new(RandomNumberGenerator.GetBytes(32), 16);
        private readonly byte[][] _tokens;
        private readonly byte[] _associated;
        private readonly byte[] _plain;
        private readonly byte[] _nonce = new byte[12];

        public BareCipher(List<PricedRow> rows)
        {
            _tokens = [.. rows.Select(r => new byte[r.Prices!.Length])];
            _plain = RandomNumberGenerator.GetBytes(rows[0].Prices!.Length - FieldToken.Overhead);
            _associated = new byte[new FieldPlace("acme", "priced_rows", "prices").AssociatedBytes];
        }

        public void EncryptAll()
        {
            foreach (var token in _tokens)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(_nonce, System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(_nonce) + 1);
                _nonce.CopyTo(token, FieldToken.NonceAt);
                _aes.Encrypt(_nonce, _plain, token.AsSpan(FieldToken.CiphertextAt, _plain.Length), token.AsSpan(token.Length - 16), _associated);
            }
        }

        public void DecryptAll()
        {
            foreach (var token in _tokens)
            {
                _aes.Decrypt(token.AsSpan(FieldToken.NonceAt, 12), token.AsSpan(FieldToken.CiphertextAt, _plain.Length), token.AsSpan(token.Length - 16), _plain, _associated);
            }
        }

        public void Dispose() => _aes.Dispose();
    }
}
