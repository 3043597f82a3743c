using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using CloudStore.Storage.Files.Cobblestone;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Files.Cobblestone;

/// <summary>Cobblestone-256 against the vectors that the specification's author published, and against vectors made by an independent program from the specification's text.</summary>
public sealed class VectorTests
{
    /// <summary>Project Wycheproof's vectors for Cobblestone-256, as JSON.</summary>
    private const string Published = "files/cobblestone_256_vectors.json";

    [Fact]
    public void Every_published_vector_is_decrypted_or_refused_as_it_says()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(SharedData.File(Published)));
        int valid = 0, invalid = 0;
        foreach (var test in vectors.RootElement.GetProperty("testGroups").EnumerateArray().SelectMany(g => g.GetProperty("tests").EnumerateArray()))
        {
            var (key, context, sealedBytes) = (Bytes(test, "key"), Bytes(test, "ctx"), Inflate(Bytes(test, "ct")));
            var number = test.GetProperty("tcId").GetInt32();
            if (test.GetProperty("result").GetString() == "valid")
            {
                var plain = Open(key, context, sealedBytes);
                Assert.Equal((number, test.GetProperty("msgSha512").GetString()), (number, Convert.ToHexStringLower(SHA512.HashData(plain))));
                using var again = CobblestoneCipher.Create(key, context, sealedBytes.AsSpan(0, CobblestoneFormat.SaltBytes));
                Assert.Equal(sealedBytes, Seal(again, plain));
                valid++;
            }
            else
            {
                var flags = test.GetProperty("flags").EnumerateArray().Select(f => f.GetString()).ToList();
                var refused = Assert.ThrowsAny<Exception>(() => Open(key, context, sealedBytes));
                Assert.True(refused is DamagedContentException || (refused is ArgumentException && flags.Contains("InvalidKeySize")), $"vector {number}: {refused}");
                invalid++;
            }
        }

        Assert.Equal((10, 25), (valid, invalid));
    }

    [Theory]
    [InlineData(0, "", "fa6f2af807d2038dc1e15bb9a9d3e0b6ac4901e83cc09b9f5b0f3848c782cb15")]
    [InlineData(11, "context", "8834dfd62f5fdea4dede8fd8ae0c7ce33e8e2c149f6717502a1b498e93db9fe4")]
    [InlineData(16384, "context", "80aa3f5aa148d02f6f2b52d718d175fa1e6d1105b3d961b23313ba49fdf5c213")]
    [InlineData(40000, "a longer context, with a null \0 in it", "abe19aceab83de1261b9b02e8ce8f9e0c7771126ff11a840c5d2d2cc3c621dd2")]
    public void What_another_program_makes_of_the_specification_is_what_the_code_writes(int length, string context, string sha256)
    {
        var plain = Enumerable.Range(0, length).Select(i => (byte)(i * 31)).ToArray();
        var key = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var salt = Enumerable.Range(100, 24).Select(i => (byte)i).ToArray();
        var info = System.Text.Encoding.ASCII.GetBytes(context);
        using var cipher = CobblestoneCipher.Create(key, info, salt);
        var stored = Seal(cipher, plain);
        Assert.Equal(CobblestoneFormat.SealedLength(length), stored.Length);
        Assert.Equal(length, CobblestoneFormat.PlainLength(stored.Length));
        Assert.Equal(plain, Open(key, info, stored));
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(stored)));
    }

    private static byte[] Seal(CobblestoneCipher cipher, byte[] plain)
    {
        var output = new byte[CobblestoneFormat.SealedLength(plain.Length)];
        cipher.Header.CopyTo(output);
        Assert.Equal(output.Length - CobblestoneFormat.HeaderBytes, cipher.Seal(0, plain, output.AsSpan(CobblestoneFormat.HeaderBytes), final: true));
        return output;
    }

    private static byte[] Open(byte[] key, byte[] context, byte[] stored)
    {
        var plain = new byte[CobblestoneFormat.PlainLength(stored.Length)];
        using var cipher = CobblestoneCipher.Open(key, context, stored.AsSpan(0, CobblestoneFormat.HeaderBytes));
        Assert.Equal(plain.Length, cipher.Open(0, stored.AsSpan(CobblestoneFormat.HeaderBytes), plain));
        return plain;
    }

    private static byte[] Bytes(JsonElement test, string name) => Convert.FromHexString(test.GetProperty(name).GetString()!);

    // The published texts are deflated, since most of them are zeros before encryption and long.
    private static byte[] Inflate(byte[] packed)
    {
        using var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var all = new MemoryStream();
        zlib.CopyTo(all);
        return all.ToArray();
    }
}
