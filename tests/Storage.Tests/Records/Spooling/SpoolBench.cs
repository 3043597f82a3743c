using System.Security.Cryptography;
using System.Text;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Records.Spooling;
using CloudStore.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Tests.Records.Spooling;

/// <summary>Spools on a folder of the test's own, as several processes after one another would open them.</summary>
internal sealed class SpoolBench : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly List<Spool> _spools = [];

    public Keys Key { get; } = new();

    public string Folder => Path.Combine(_temp.FullPath, "spool");

    public string[] Files => Directory.GetFiles(Folder, "*.spool", SearchOption.AllDirectories).Where(f => !f.Contains("aside", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();

    public string[] Aside => Directory.Exists(Path.Combine(Folder, "aside")) ? Directory.GetFiles(Path.Combine(Folder, "aside")) : [];

    public Spool Open(int megabytes = 100)
    {
        var spool = new Spool(Options.Create(new SpoolOptions { Folder = Folder, MaxMegabytes = megabytes }), new DataOptions { Root = _temp.FullPath }, Key, NullLogger<Spool>.Instance);
        spool.Open();
        _spools.Add(spool);
        return spool;
    }

    public static SpoolEntry Entry(string body, string tenant = "acme", string target = Target.TargetName) =>
        new(Guid.CreateVersion7(), tenant, "tester", target, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), Encoding.UTF8.GetBytes(body));

    public static SpoolReplay Replay(Spool spool, TestStore store, params ISpoolTarget[] targets) =>
        new(spool, targets.Length == 0 ? [new Target()] : targets, store.Services, TimeProvider.System, NullLogger<SpoolReplay>.Instance);

    public void Dispose()
    {
        _spools.ForEach(s => s.Dispose());
        _temp.Dispose();
    }

    public sealed class Keys : ISpoolKeys
    {
        public byte Xor { get; set; } = 0x5a;

        /// <summary>The one before, which still opens what it wrapped.</summary>
        public byte? Previous { get; set; }

        public byte[] Wrap(byte[] key) => [Xor, .. key.Select(b => (byte)(b ^ Xor))];

        public byte[] Unwrap(byte[] wrapped) =>
            wrapped[0] == Xor || wrapped[0] == Previous ? [.. wrapped[1..].Select(b => (byte)(b ^ wrapped[0]))] : throw new CryptographicException("Another key wrapped it.");

        public bool IsPresent(ReadOnlySpan<byte> wrapped) => wrapped[0] == Xor;
    }

    /// <summary>Stores a campaign of the body's name.</summary>
    public sealed class Target : ISpoolTarget
    {
        public const string TargetName = "test.campaigns";

        public string Name => TargetName;

        public List<string> Applied { get; } = [];

        public IEnumerable<string> Subjects(SpoolEntry entry) => [Encoding.UTF8.GetString(entry.Body)];

        public async Task ApplyAsync(IServiceProvider services, SpoolEntry entry, CancellationToken cancellationToken)
        {
            var name = Encoding.UTF8.GetString(entry.Body);
            await services.GetRequiredService<CampaignService>().CreateAsync(new CampaignDraft { CampaignId = name }, cancellationToken);
            Applied.Add(name);
        }
    }
}
