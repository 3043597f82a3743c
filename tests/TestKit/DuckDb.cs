using System.Diagnostics;
using Xunit;

namespace CloudStore.TestKit;

/// <summary>DuckDB, run by node, as a program that knows Parquet by itself. Where it is not there the calling test is skipped with the reason.</summary>
public static class DuckDb
{
    /// <summary>Variable with the folder that @duckdb/node-api is installed in; <c>tests/servers/with</c> sets it.</summary>
    public const string Variable = "CLOUDSTORE_TEST_DUCKDB";

    // A statement that begins with "hash:" is a query whose rows are put in words, value by value, and hashed; of others each row is a line of JSON.
    private const string Script = """
        const { createRequire } = require('node:module'), { createHash } = require('node:crypto');
        const { DuckDBInstance } = createRequire(process.argv[1] + '/')('@duckdb/node-api');
        const bits = Buffer.alloc(8);
        const word = (v, type) => v === null ? 'null' : typeof v === 'boolean' ? String(v) : typeof v === 'bigint' ? v.toString()
          : typeof v === 'string' ? Buffer.from(v, 'utf8').toString('hex') : v.bytes ? Buffer.from(v.bytes).toString('hex')
          : typeof v === 'number' ? (type === 'DOUBLE' || type === 'FLOAT' ? (bits.writeDoubleBE(Number.isNaN(v) ? NaN : v), bits.toString('hex')) : String(v))
          : String(v.micros ?? v.nanos ?? v.millis ?? v.days ?? v.value);
        (async () => {
          const c = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
          for (const statement of process.argv.slice(2)) {
            if (!statement.startsWith('hash:')) {
              for (const row of await (await c.run(statement)).getRowObjectsJson()) console.log(JSON.stringify(row));
              continue;
            }
            const r = await c.run(statement.slice(5)), types = r.columnTypes().map(String), hash = createHash('sha256');
            for (let chunk; (chunk = await r.fetchChunk()) && chunk.rowCount > 0;)
              for (const row of chunk.getRows()) hash.update(row.map((v, i) => word(v, types[i])).join('|') + '\n');
            console.log(hash.digest('hex').slice(0, 32));
          }
        })().catch(e => { console.error(e.message); process.exit(1); });
        """;

    /// <summary>Runs statements one after the other.</summary>
    /// <returns>The lines that they give.</returns>
    /// <exception cref="InvalidOperationException">One of them failed; the message is DuckDB's.</exception>
    public static async Task<string[]> RunAsync(CancellationToken cancellationToken, params IEnumerable<string> statements)
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(folder) || !Directory.Exists(folder))
            Assert.Skip($"needs DuckDB: {Variable} is not set (tests/run installs it and says why it could not be had)");
        var start = new ProcessStartInfo("node", ["-e", Script, folder, .. statements]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : throw new InvalidOperationException($"DuckDB: {await errors}");
    }
}
