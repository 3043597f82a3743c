// DuckDB's times for what tests/Benchmarks' suite parquet does, on the same bars: node duckdb-parquet.mjs MODULES OURS SCRATCH RUNS
// MODULES holds @duckdb/node-api, OURS one file for each symbol, SCRATCH becomes DuckDB's own files. Prints one line of JSON: medians in milliseconds, and bytes.
import { createRequire } from 'node:module';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [modules, ours, scratch, runs] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(modules + '/')('@duckdb/node-api');
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

async function time(work) {
  await work();
  const times = [];
  for (let i = 0; i < +runs; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return median(times);
}

// Every column of a result as one typed array, as a caller that computes on columns holds it.
async function columns(query) {
  const result = await connection.run(query), chunks = await result.fetchAllChunks(), rows = chunks.reduce((n, c) => n + c.rowCount, 0);
  const all = [];
  for (let c = 0; c < result.columnCount; c++) {
    let at = 0, target;
    for (const chunk of chunks) {
      const items = chunk.getColumnVector(c).items;
      target ??= new items.constructor(rows);
      target.set(items.subarray(0, chunk.rowCount), at);
      at += chunk.rowCount;
    }
    all.push(target);
  }
  return all;
}

const size = (folder) => readdirSync(folder, { withFileTypes: true }).reduce((n, e) => n + (e.isDirectory() ? size(join(folder, e.name)) : statSync(join(folder, e.name)).size), 0);
const numbers = 'ts, open, high, low, close, volume';
await connection.run(`create table bars as select * from read_parquet('${ours}/*.parquet')`);
const write = await time(async () => {
  rmSync(scratch, { recursive: true, force: true });
  await connection.run(`copy bars to '${scratch}' (format parquet, partition_by (symbol), compression snappy)`);
});
const lake = `read_parquet('${scratch}/*/*.parquet', hive_partitioning = true)`, symbol = `read_parquet('${scratch}/symbol=SYM07/*.parquet')`;
const all = await time(() => connection.run(`select max(ts), sum(open), sum(high), sum(low), sum(close), sum(volume) from ${lake}`));
const two = await time(() => connection.run(`select sum(close), sum(volume) from ${lake}`));
const one = await time(() => columns(`select ${numbers} from ${symbol}`));
const month = await time(() => columns(`select ${numbers} from ${symbol} where ts >= timestamp '2024-06-01' and ts < timestamp '2024-07-01'`));
console.log(JSON.stringify({ write, all, two, one, month, bytes: size(scratch) }));
process.exit(0);
