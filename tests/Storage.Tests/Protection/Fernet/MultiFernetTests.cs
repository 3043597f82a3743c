using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using CloudStore.Storage.Protection.Fernet;
using CloudStore.TestKit;

namespace CloudStore.Storage.Tests.Protection.Fernet;

public sealed class MultiFernetTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("")]
    [InlineData("499.00")]
    [InlineData("sixteen bytes ok")]
    [InlineData("₹ 1,299.50 / Größe")]
    public void What_is_encrypted_is_decrypted(string text)
    {
        var cipher = Cipher(FernetKey.Generate());
        var token = cipher.Encrypt(text);
        Assert.Equal(0, token.Length % 4);
        Assert.Equal(text, Encoding.UTF8.GetString(cipher.Decrypt(token)));
        Assert.NotEqual(token, cipher.Encrypt(text));
    }

    [Fact]
    public void A_token_with_any_one_bit_flipped_is_refused()
    {
        var cipher = Cipher(FernetKey.Generate());
        var raw = Base64Url.DecodeFromChars(cipher.Encrypt("499.00"));
        for (int bit = 0; bit < raw.Length * 8; bit++)
        {
            raw[bit / 8] ^= (byte)(1 << (bit % 8));
            var refused = Assert.Throws<FernetException>(() => cipher.Decrypt(Base64Url.EncodeToString(raw)));
            Assert.Equal(bit < 8 ? FernetFault.Version : FernetFault.Signature, refused.Fault);
            raw[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_token_with_any_character_changed_or_cut_off_is_refused()
    {
        var cipher = Cipher(FernetKey.Generate());
        var token = cipher.Encrypt("499.0");
        for (int i = 0; i < token.Length; i++)
        {
            // The next character of the alphabet differs in its lowest bit, which behind the last byte no byte holds.
            var changed = $"{token[..i]}{(token[i] == 'A' ? 'B' : 'A')}{token[(i + 1)..]}";
            Assert.Throws<FernetException>(() => cipher.Decrypt(changed));
            if (i < token.TrimEnd('=').Length)
            {
                Assert.Throws<FernetException>(() => cipher.Decrypt(token[..i]));
            }
        }

        foreach (var wrong in new[] { $" {token}", $"{token}\n", $"{token}=", token.Replace('_', '/') + "!", token.TrimEnd('=') + "=A" })
        {
            Assert.Throws<FernetException>(() => cipher.Decrypt(wrong));
        }

        Assert.Equal("499.0", Encoding.UTF8.GetString(cipher.Decrypt(token.TrimEnd('='))));
    }

    [Fact]
    public void Age_and_clock_skew_are_held_to_the_second()
    {
        var key = FernetKey.Generate();
        var time = new ManualTime(Start);
        var cipher = new MultiFernet([key], time);
        var token = cipher.Encrypt("x");
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Single(cipher.Decrypt(token, TimeSpan.FromSeconds(60)));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(FernetFault.Expired, Fault(cipher, token, TimeSpan.FromSeconds(60)));
        Assert.Single(cipher.Decrypt(token));

        token = cipher.Encrypt("x");
        Assert.Single(new MultiFernet([key], new ManualTime(time.GetUtcNow().AddSeconds(-60))).Decrypt(token));
        Assert.Equal(FernetFault.FromTheFuture, Fault(new MultiFernet([key], new ManualTime(time.GetUtcNow().AddSeconds(-61))), token, null));
    }

    [Fact]
    public void A_new_key_in_front_encrypts_while_the_old_one_still_decrypts_until_it_is_taken_away()
    {
        var (old, next) = (FernetKey.Generate(), FernetKey.Generate());
        var time = new ManualTime(Start);
        var before = new MultiFernet([old], time).Encrypt("499.00");
        var both = new MultiFernet([next, old], time);
        Assert.Equal("499.00", Encoding.UTF8.GetString(both.Decrypt(before)));

        time.Advance(TimeSpan.FromHours(1));
        var rotated = both.Rotate(before);
        var after = new MultiFernet([next], time);
        Assert.Equal("499.00", Encoding.UTF8.GetString(after.Decrypt(rotated)));
        // Rotation is no new date.
        Assert.Equal(FernetFault.Expired, Fault(after, rotated, TimeSpan.FromMinutes(59)));
        Assert.Equal(FernetFault.Signature, Fault(after, before, null));
        Assert.Throws<FernetException>(() => after.Rotate(before));
    }

    [Fact]
    public void A_passphrase_gives_the_key_that_PBKDF2_gives_elsewhere()
    {
        // python3: base64.urlsafe_b64encode(hashlib.pbkdf2_hmac('sha256', 'pässwörd'.encode(), b'saltsalt', 10000, 32))
        Assert.Equal("tB-NCTEjyfOspeA8-w_AOKgAa4RKpnm_bJNFgBbnis4=", FernetKey.FromPassphrase("pässwörd", "saltsalt"u8, 10_000).Export());
        Assert.Throws<ArgumentException>(() => FernetKey.FromPassphrase("p", "short"u8, 10_000));
        Assert.Throws<ArgumentException>(() => FernetKey.FromPassphrase("p", "saltsalt"u8, 999));
        Assert.Throws<ArgumentException>(() => FernetKey.FromPassphrase("", "saltsalt"u8, 10_000));
    }

    [Theory]
    [InlineData("")]
    [InlineData("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e")]
    [InlineData("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=AAAA")]
    [InlineData("cw+0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4=")]
    public void A_text_that_is_no_key_is_refused_without_being_repeated(string text)
    {
        var refused = Assert.Throws<FormatException>(() => FernetKey.Parse(text));
        Assert.True(text.Length == 0 || !refused.Message.Contains(text, StringComparison.Ordinal));
        Assert.Contains("32 bytes", refused.Message);
    }

    [Fact]
    public async Task Python_s_cryptography_reads_our_tokens_and_we_read_its()
    {
        var key = FernetKey.FromPassphrase("pässwörd", "saltsalt"u8, 10_000);
        var cipher = new MultiFernet([key], TimeProvider.System);
        const string script = """
            import sys
            from cryptography.fernet import Fernet
            f = Fernet(sys.argv[1])
            print(f.decrypt(sys.argv[2].encode(), ttl=600).decode())
            print(f.encrypt('₹ 1,299.50'.encode()).decode())
            """;
        var lines = (await PythonAsync(script, key.Export(), cipher.Encrypt("₹ 499"))).Split('\n');
        Assert.Equal("₹ 499", lines[0]);
        Assert.Equal("₹ 1,299.50", Encoding.UTF8.GetString(cipher.Decrypt(lines[1], TimeSpan.FromMinutes(10))));
    }

    [Fact]
    public void Chosen_columns_of_rows_are_written_as_tokens_and_empty_ones_stay_empty()
    {
        var cipher = Cipher(FernetKey.Generate());
        var columns = new FernetColumns(cipher, ["product", "mrp", "price"], ["mrp", "price"]);
        var row = columns.Encrypt(["rice", "120.00", ""]);
        Assert.Equal(("rice", "120.00", ""), (row[0], Encoding.UTF8.GetString(cipher.Decrypt(row[1])), row[2]));
        Assert.Throws<ArgumentException>(() => new FernetColumns(cipher, ["product"], ["mrp"]));
    }

    private static MultiFernet Cipher(params FernetKey[] keys) => new(keys, new ManualTime(Start));

    private static FernetFault Fault(MultiFernet cipher, string token, TimeSpan? timeToLive) => Assert.Throws<FernetException>(() => cipher.Decrypt(token, timeToLive)).Fault;

    internal static async Task<string> PythonAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("python3", ["-c", script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        try
        {
            using var python = Process.Start(start)!;
            var errors = python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await python.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.SkipWhen((await errors).Contains("No module named", StringComparison.Ordinal), "Needs Python's package cryptography.");
            Assert.True(python.ExitCode == 0, await errors);
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("Needs python3.");
            throw;
        }
    }
}
