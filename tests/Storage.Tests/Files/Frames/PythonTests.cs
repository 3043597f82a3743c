using System.Diagnostics;
using System.Security.Cryptography;
using CloudStore.Storage.Files.Compression;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Files.Frames;

/// <summary>docs/files_decrypt.py, which knows the layout from docs/files.md alone, reads what the engine writes.</summary>
public sealed class PythonTests
{
    // What docs/files.md shows.
    private const string Vector = "6465666768696a6b6c6d6e6f707172737475767778797a7bade07a61396876179ded248dd21044ddb67d0cfd5bc0a84cdbfb6a62b3d7a63a009f9c75ed164ae5f6311d305625871f"
        + "2ddab682e069ea6fe0d8e0c68afb24c61155647b991de663be54b804faf9526144";

    private const string PackedVector = "6465666768696a6b6c6d6e6f707172737475767778797a7b4c9726e3dbd155a5ae466fe6df104a5e0cd28737b640932ff2cdfcd376186a8384ce4c8debd3cdeabfdf517a59c83aea"
        + "af69e70af3fc30e4eba3590293d45fd703cf6fbb9eaa5112ad4da9d8555e3a73fdcb1f85bca365cd55519c61166c87e082ebc3f6";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_pages_vectors_are_read()
    {
        var page = (await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Find()!.FullName, "docs", "files.md"), Token)).ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal);
        Assert.Contains(Vector, page, StringComparison.Ordinal);
        Assert.Contains(PackedVector, page, StringComparison.Ordinal);
        Assert.Equal("Hello, files!"u8.ToArray(), await MemoryContent.ReadAsync(Convert.FromHexString(Vector)));
        Assert.Equal(string.Concat(Enumerable.Repeat("Hello, files!", 100)), System.Text.Encoding.ASCII.GetString(await MemoryContent.ReadAsync(Convert.FromHexString(PackedVector), FileCodec.Zlib)));
    }

    [Theory]
    [InlineData(Compress.None, 0)]
    [InlineData(Compress.None, 16368)]
    [InlineData(Compress.Zlib, 2_500_000)]
    [InlineData(Compress.Gzip, 100_000)]
    [InlineData(Compress.Xz, 2_500_000)]
    [InlineData(Compress.Brotli, 2_500_000)]
    public async Task The_script_reads_what_is_written_and_refuses_what_was_changed(Compress compress, int length)
    {
        using var folder = new TempFolder();
        var plain = RoundTripTests.Text(length);
        var (stored, written) = await MemoryContent.WriteAsync(plain, compress);
        await File.WriteAllBytesAsync(folder.File("stored"), stored, Token);
        var (code, output, errors) = await RunAsync(folder, written.Codec);
        Assert.True(code == 0, errors);
        Assert.Equal(plain, output);
        Assert.Equal($"sha256 {Convert.ToHexStringLower(SHA256.HashData(plain))}", errors.Trim());

        stored[^1] ^= 1;
        await File.WriteAllBytesAsync(folder.File("stored"), stored, Token);
        (code, _, errors) = await RunAsync(folder, written.Codec);
        Assert.Equal((1, $"refused: chunk {(stored.Length - 56) / 16400} was changed"), (code, errors.Trim()));
    }

    private static async Task<(int Code, byte[] Output, string Errors)> RunAsync(TempFolder folder, FileCodec codec)
    {
        var script = Path.Combine(RepositoryRoot.Find()!.FullName, "docs", "files_decrypt.py");
        Assert.InRange((await File.ReadAllLinesAsync(script, Token)).Length, 1, 149);
        // The first that has what the codec needs; Debian's packages are for its own.
        var needs = codec == FileCodec.Brotli ? "cryptography, brotli" : "cryptography";
        var command = $"for python in python3 /usr/bin/python3 false; do $python -c 'import {needs}' 2>/dev/null && break; done; $python '{script}' {Convert.ToHexStringLower(MemoryContent.Key)} {MemoryContent.Context.Tenant} {MemoryContent.Context.File} 1 {codec.ToString().ToLowerInvariant()} < stored";
        ProcessStartInfo start = new("bash", ["-c", command]) { WorkingDirectory = folder.FullPath, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Token);
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output, Token);
        await process.WaitForExitAsync(Token);
        Assert.SkipWhen(process.ExitCode != 0 && (await errors).Length == 0, $"needs Python's packages {needs}");
        return (process.ExitCode, output.ToArray(), await errors);
    }
}
