using System.Security.Cryptography;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Keys.Vault;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Tests.Protection.Keys;

/// <summary>The master key in a key management service, which here is a few RSA keys in memory that can be taken away.</summary>
public sealed class VaultMasterKeyTests
{
    private const string First = "https://acme.vault.azure.net/keys/records/0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    private const string Second = "https://acme.vault.azure.net/keys/records/ffffffffffffffffffffffffffffffff";
    private static readonly string Local = Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Records_are_read_by_other_processes_and_the_service_is_asked_once_for_each_process_that_made_keys(Database database)
    {
        var vault = new FakeVault();
        await using var store = await OpenAsync(database, vault);
        for (int person = 0; person < 20; person++)
        {
            await store.Visits().CreateAsync(Samples.Visit($"k{person}", person: $"p{person}"), Token);
        }

        Assert.Equal((1, 0), (vault.Wraps, vault.Unwraps));
        await using var other = await OpenAsync(database, vault, store);
        Assert.Equal(20, (await other.Visits().Query.ToListAsync(Token)).Count);
        Assert.Equal((1, 1), (vault.Wraps, vault.Unwraps));
        Assert.Equal("vault:acme.vault.azure.net/records/0a1b2c3d4e5f60718293a4b5c6d7e8f9", await store.SqlAsync("SELECT master_key_id FROM key_ring"));
        Assert.False(File.Exists(Path.Combine(store.Folder, "master-key")));
    }

    [Theory]
    [EachDatabase]
    public async Task Rewrapping_goes_from_a_local_key_to_the_service_and_to_its_next_key(Database database)
    {
        var vault = new FakeVault();
        await using var store = await ProtectedStore.OpenAsync(database, settings: ("Protection:MasterKey", Local));
        var visit = await store.Visits().CreateAsync(Samples.Visit("a", person: "anna"), Token);
        await using (var both = await OpenAsync(database, vault, store, ("Protection:PreviousMasterKey", Local)))
        {
            Assert.True(await both.Services.GetRequiredService<KeyOperations>().RewrapAsync("tester", Token) >= 2);
        }

        await using (var both = await OpenAsync(database, vault, store, ("Protection:MasterKeyVault", Second), ("Protection:PreviousMasterKeyVault", First)))
        {
            Assert.True(await both.Services.GetRequiredService<KeyOperations>().RewrapAsync("tester", Token) >= 2);
        }

        await using var last = await OpenAsync(database, vault, store, ("Protection:MasterKeyVault", Second));
        Assert.Equal(visit.Secrets(), (await last.Visits().FindAsync(visit.Id, Token)).Secrets());
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => OpenAsync(database, vault, store));
        Assert.Contains("Protection:MasterKeyVault", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [EachDatabase]
    public async Task A_service_that_is_away_stops_the_start_and_leaves_running_processes_their_keys(Database database)
    {
        var vault = new FakeVault();
        await using var store = await OpenAsync(database, vault);
        var visit = await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        vault.IsAway = true;
        Assert.Equal(ProblemKind.Unavailable, (await Assert.ThrowsAsync<ProblemException>(() => OpenAsync(database, vault, store))).Kind);
        // A key that was made in this process, or opened before, needs the service no more.
        Assert.Equal(visit.Secrets(), (await store.Visits().FindAsync(visit.Id, Token)).Secrets());
        store.Ring.Forget();
        Assert.Equal(visit.Secrets(), (await store.Visits().FindAsync(visit.Id, Token)).Secrets());
        vault.IsAway = false;
        await using var back = await OpenAsync(database, vault, store);
        Assert.Equal(visit.Secrets(), (await back.Visits().FindAsync(visit.Id, Token)).Secrets());
    }

    [Fact]
    public void A_wrapped_key_that_was_changed_moved_or_wrapped_elsewhere_is_not_unwrapped()
    {
        var vault = new FakeVault();
        var master = new VaultMasterKey("vault:a", vault.Open(new Uri(First), "RSA-OAEP-256"));
        var key = RandomNumberGenerator.GetBytes(32);
        var wrapped = master.Wrap(key, "here"u8);
        Assert.NotEqual(wrapped, master.Wrap(key, "here"u8));
        var read = new byte[32];
        new VaultMasterKey("vault:a", vault.Open(new Uri(First), "RSA-OAEP-256")).Unwrap(wrapped, "here"u8, read);
        Assert.Equal(key, read);
        Assert.ThrowsAny<CryptographicException>(() => master.Unwrap(wrapped, "there"u8, read));
        Assert.ThrowsAny<CryptographicException>(() => new VaultMasterKey("vault:a", vault.Open(new Uri(Second), "RSA-OAEP-256")).Unwrap(wrapped, "here"u8, read));
        for (int i = 0; i < wrapped.Length; i += 7)
        {
            byte[] changed = [.. wrapped];
            changed[i] ^= 4;
            Assert.ThrowsAny<CryptographicException>(() => master.Unwrap(changed, "here"u8, read));
            Assert.ThrowsAny<CryptographicException>(() => master.Unwrap(wrapped.AsSpan(0, i), "here"u8, read));
        }
    }

    [Theory]
    [InlineData("acme")]
    [InlineData("http://acme.vault.azure.net/keys/records/0a1b")]
    [InlineData("https://acme.vault.azure.net/keys/records")]
    [InlineData("https://acme.vault.azure.net/secrets/records/0a1b")]
    public async Task An_identifier_that_is_none_or_has_no_version_is_refused_naming_the_setting(string identifier)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => ProtectedStore.OpenAsync(Database.Sqlite, settings: ("Protection:PreviousMasterKeyVault", identifier)));
        Assert.Contains("Protection:PreviousMasterKeyVault", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_without_the_client_says_so_and_an_unknown_algorithm_is_refused()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => ProtectedStore.OpenAsync(Database.Sqlite, settings: ("Protection:MasterKeyVault", First)));
        Assert.Contains("UseAspire=true", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<OptionsValidationException>(() => ProtectedStore.OpenAsync(Database.Sqlite, settings: ("Protection:MasterKeyVaultAlgorithm", "RSA1_5")));
        Assert.Contains("MasterKeyVaultAlgorithm", refused.Message, StringComparison.Ordinal);
    }

    private static Task<ProtectedStore> OpenAsync(Database database, FakeVault vault, ProtectedStore? sharing = null, params (string Name, string? Value)[] settings) =>
        ProtectedStore.OpenAsync(database, sharing, configure: s => s.AddSingleton<IKeyVaults>(vault),
            settings: settings.Any(s => s.Name == "Protection:MasterKeyVault") ? settings : [.. settings, ("Protection:MasterKeyVault", First)]);

    private sealed class FakeVault : IKeyVaults
    {
        private readonly Dictionary<string, RSA> _keys = [];

        public bool IsAway { get; set; }

        public int Wraps { get; private set; }

        public int Unwraps { get; private set; }

        public IKeyVaultKey Open(Uri key, string algorithm)
        {
            Assert.Equal("RSA-OAEP-256", algorithm);
            _keys.TryAdd(key.AbsolutePath, RSA.Create(2048));
            return new Key(this, _keys[key.AbsolutePath]);
        }

        private sealed class Key(FakeVault vault, RSA rsa) : IKeyVaultKey
        {
            public byte[] Wrap(byte[] key)
            {
                vault.Wraps++;
                return Ask(() => rsa.Encrypt(key, RSAEncryptionPadding.OaepSHA256));
            }

            public byte[] Unwrap(byte[] wrapped)
            {
                vault.Unwraps++;
                return Ask(() => rsa.Decrypt(wrapped, RSAEncryptionPadding.OaepSHA256));
            }

            private byte[] Ask(Func<byte[]> call) => vault.IsAway ? throw new ProblemException(ProblemKind.Unavailable, "The vault is away.") : call();
        }
    }
}
