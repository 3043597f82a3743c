using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CloudStore.Storage.Files.Compression;
using CloudStore.Storage.Files.Contents;
using CloudStore.Storage.Files.Frames;

namespace CloudStore.Benchmarks;

/// <summary>
/// A gibibyte into a folder and out of it, hashed and encrypted, beside what openssl says of this machine's cores in the same run and beside a copy with fsync; a part out of its middle; the
/// memory that many uploads at once take; and Azurite beside the bare client.
/// </summary>
internal static class FilesBenchmark
{
    private const long Bytes = 1L << 30;
    private const int PartBytes = 64 << 10;
    private const int Uploads = 32;
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private static readonly FileContext Context = new("acme", Guid.CreateVersion7());

    public static async Task RunAsync(BenchmarkOptions options, ResultTable table)
    {
        using var folder = new Scratch();
        var source = folder.File("source");
        await WriteAsync(source, Bytes);
        var store = new DiskContentStore(folder.File("files"));
        double idle = Megabytes("VmRSS");
        List<double> up = [], down = [], copy = [], sha = [], gcm = [], upCpu = [], downCpu = [], copyCpu = [];
        for (int run = -1; run < options.Runs; run++)
        {
            var (s, g) = (await OpensslAsync("sha256"), await OpensslAsync("aes-256-gcm"));
            var start = Cpu();
            double u = await RateAsync(() => UploadAsync(store, source, $"content-{run + 1000}", Compress.None));
            var middle = Cpu();
            double d = await RateAsync(() => DownloadAsync(store, $"content-{run + 1000}", FileCodec.None));
            var end = Cpu();
            double c = await RateAsync(() => CopyAsync(source, folder.File("copy")));
            double copied = Cpu() - end;
            // Only now, so that both were written into memory that nobody had just given back.
            await store.DeleteAsync($"content-{run + 1000}");
            File.Delete(folder.File("copy"));
            if (run >= 0)
            {
                (sha, gcm, up, down, copy) = ([.. sha, s], [.. gcm, g], [.. up, u], [.. down, d], [.. copy, c]);
                (upCpu, downCpu, copyCpu) = ([.. upCpu, middle - start], [.. downCpu, end - middle], [.. copyCpu, copied]);
            }
        }

        double limit = Math.Min(ResultTable.Median(sha), ResultTable.Median(gcm));
        // What is hashed and encrypted still has to be written: the slowest of the three is what can be had.
        table.Add("1 GiB into a folder: SHA-256, AES-256-GCM, fsync; against the slowest of openssl's two and a copy with fsync", ResultTable.Median(up), "MB/s", Math.Min(limit, ResultTable.Median(copy)));
        table.Add("1 GiB out of it, tags and hash checked; against the same", ResultTable.Median(down), "MB/s", limit);
        table.Add("a copy of it with fsync", ResultTable.Median(copy), "MB/s");
        table.Note(string.Create(CultureInfo.InvariantCulture, $"openssl, one core: sha256 {ResultTable.Median(sha):#,0} MB/s, aes-256-gcm {ResultTable.Median(gcm):#,0} MB/s; {Environment.ProcessorCount} cores"));
        // Of a machine that others use as well, this is what stays the same.
        double least = Bytes / 1e6 / ResultTable.Median(sha) + Bytes / 1e6 / ResultTable.Median(gcm);
        table.Note(string.Create(CultureInfo.InvariantCulture, $"seconds of one core for 1 GiB, the kernel's reading and writing apart: in {ResultTable.Median(upCpu):0.00}, out {ResultTable.Median(downCpu):0.00}; openssl's hash and cipher alone {least:0.00}, a copy {ResultTable.Median(copyCpu):0.00}"));
        await PartAsync(store, folder, table);
        await MemoryAsync(store, idle, table);
        if (Environment.GetEnvironmentVariable("CLOUDSTORE_TEST_AZURITE") is { Length: > 0 } azurite)
        {
            await AzuriteAsync(options, azurite, source, table);
        }
    }

    private static async Task PartAsync(DiskContentStore store, Scratch folder, ResultTable table)
    {
        var text = folder.File("text");
        await WriteAsync(text, Bytes, compressible: true);
        await UploadAsync(store, text, "content-text", Compress.Auto);
        var codec = s_written!.Codec;
        List<double> times = [];
        for (int i = 0; i < 50; i++)
        {
            var watch = Stopwatch.StartNew();
            await using var content = await OpenAsync(store, "content-text", codec);
            content.Position = Bytes / 2 + i * 7_777_777L % (Bytes / 4);
            content.StopAt(content.Position + PartBytes);
            await content.ReadExactlyAsync(new byte[PartBytes]);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        table.Add("64 KiB out of the middle of 1 GiB, compressed and encrypted, opened anew", 1000 / ResultTable.Median(times), "/s",
            note: string.Create(CultureInfo.InvariantCulture, $"{ResultTable.Median(times):0.00} ms, {codec}, stored {s_written.StoredBytes >> 20} MiB"));
        await store.DeleteAsync("content-text");
    }

    private static async Task MemoryAsync(DiskContentStore store, double idle, ResultTable table)
    {
        await Task.WhenAll(Enumerable.Range(0, Uploads).Select(async i =>
        {
            await using var sink = await store.CreateAsync($"content-many{i:00}");
            await FrameWriter.WriteAsync(new Zeros(64L << 20), sink, Key, Context, Compress.None, long.MaxValue);
        }));
        table.Note(string.Create(CultureInfo.InvariantCulture, $"most memory of all this, among it {Uploads} uploads at once: {Megabytes("VmHWM") - idle:0} MB above idle ({idle:0} MB)"));
    }

    private static async Task AzuriteAsync(BenchmarkOptions options, string connection, string source, ResultTable table)
    {
        var client = new BlobServiceClient(connection);
        var container = client.GetBlobContainerClient($"benchmark-{Guid.CreateVersion7():n}");
        await container.CreateAsync();
        try
        {
            var store = new BlobContentStore(client, container.Name);
            List<double> ours = [], bare = [];
            for (int run = 0; run < options.Runs; run++)
            {
                ours.Add(await RateAsync(() => UploadAsync(store, source, $"content-{run}", Compress.None)));
                bare.Add(await RateAsync(async () =>
                {
                    await using var file = File.OpenRead(source);
                    var transfer = new Azure.Storage.StorageTransferOptions { InitialTransferSize = 4 << 20, MaximumTransferSize = 4 << 20, MaximumConcurrency = 4 };
                    await container.GetBlobClient($"bare-{run}").UploadAsync(file, new BlobUploadOptions { TransferOptions = transfer });
                }));
                await store.DeleteAsync($"content-{run}");
                await container.GetBlobClient($"bare-{run}").DeleteAsync();
            }

            table.Add("1 GiB to Azurite, hashed and encrypted; against Azure's client bare", ResultTable.Median(ours), "MB/s", ResultTable.Median(bare));
        }
        finally
        {
            await container.DeleteAsync();
        }
    }

    private static WrittenContent? s_written;

    private static async Task UploadAsync(IContentStore store, string source, string name, Compress compress)
    {
        await using var file = new FileStream(source, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        await using var sink = await store.CreateAsync(name);
        s_written = await FrameWriter.WriteAsync(file, sink, Key, Context, compress, long.MaxValue);
        await sink.CommitAsync();
    }

    private static async Task DownloadAsync(IContentStore store, string name, FileCodec codec)
    {
        await using var content = await OpenAsync(store, name, codec, s_written!.Sha256);
        await content.CopyToAsync(Stream.Null);
    }

    private static async Task<FrameStream> OpenAsync(IContentStore store, string name, FileCodec codec, string? sha256 = null) =>
        new(await FrameReader.OpenAsync(await store.OpenAsync(name), Key, Context, codec), sha256);

    private static double Cpu()
    {
        using var own = Process.GetCurrentProcess();
        return own.UserProcessorTime.TotalSeconds;
    }

    private static async Task CopyAsync(string source, string target)
    {
        await using var from = new FileStream(source, new FileStreamOptions { BufferSize = 0 });
        await using var to = new FileStream(target, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 });
        await from.CopyToAsync(to, 1 << 20);
        to.Flush(flushToDisk: true);
    }

    private static async Task<double> RateAsync(Func<Task> work)
    {
        var watch = Stopwatch.StartNew();
        await work();
        return Bytes / 1e6 / watch.Elapsed.TotalSeconds;
    }

    // One second of 16 KiB blocks on one core, in MB/s.
    private static async Task<double> OpensslAsync(string algorithm)
    {
        var output = await Tools.RunAsync("openssl", ["speed", "-seconds", "1", "-bytes", "16384", "-evp", algorithm]);
        return double.Parse(output.Trim().Split('\n')[^1].Split(' ')[^1].TrimEnd('k'), CultureInfo.InvariantCulture) / 1000;
    }

    private static async Task WriteAsync(string path, long length, bool compressible = false)
    {
        await using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 });
        var block = new byte[1 << 20];
        for (long at = 0; at < length; at += block.Length)
        {
            RandomNumberGenerator.Fill(block);
            for (int i = 0; compressible && i < block.Length; i++)
            {
                block[i] = (byte)('a' + (block[i] & 7));
            }

            await file.WriteAsync(block);
        }
    }

    private static double Megabytes(string name) =>
        double.Parse(File.ReadLines("/proc/self/status").Single(l => l.StartsWith(name, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1000;

    /// <summary>So many zeros, as a body that comes in pieces.</summary>
    private sealed class Zeros(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            int take = (int)Math.Min(Math.Min(buffer.Length, 64 << 10), _left);
            buffer.Span[..take].Clear();
            _left -= take;
            return take;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
