using CloudStore.Storage.Records;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>
/// The master keys this process knows, held against the one the database was made with. The database remembers the first; a process that has another one, or that
/// would have to invent one although data is there, does not start.
/// </summary>
public sealed partial class MasterKeys(IOptions<ProtectionOptions> options, DataOptions data, KeyDatabase database, IMasterKeyFactory factory, ILogger<MasterKeys> logger)
{
    private readonly Lock _lock = new();
    private IMasterKey[]? _known;

    /// <summary>The key of that id; null where this process has not got it.</summary>
    internal IMasterKey? Find(string id) => Array.Find(Open(), k => k.Id == id);

    /// <summary>What the settings give, the present key first.</summary>
    internal IReadOnlyList<IMasterKey> Known => Open();

    /// <summary>Reads the keys, and makes the first one where there is nothing yet. Later calls do nothing.</summary>
    /// <exception cref="OptionsValidationException">A setting is wrong, or is not the key that the database needs.</exception>
    public IMasterKey[] Open()
    {
        if (Volatile.Read(ref _known) is { } known)
        {
            return known;
        }

        lock (_lock)
        {
            if (_known is null)
            {
                using var connection = database.Open();
                Volatile.Write(ref _known, Read(new KeyTable(database.Dialect, connection)));
            }

            return _known!;
        }
    }

    private IMasterKey[] Read(KeyTable table)
    {
        var settings = options.Value;
        var state = table.ReadState();
        bool made = false;
        var source = "Protection:MasterKeyVault";
        var key = factory.Create(settings) ?? Setting(settings.MasterKey, source = "Protection:MasterKey");
        if (key is null)
        {
            source = settings.MasterKeyFile is { Length: > 0 } ? "Protection:MasterKeyFile" : $"the file {DefaultPath}";
            var path = settings.MasterKeyFile is { Length: > 0 } file ? Path.GetFullPath(file) : DefaultPath;
            made = path == DefaultPath && !File.Exists(path) && Invent(path, state?.MasterKeyId);
            key = FromFile(path, source);
        }

        var previous = factory.CreatePrevious(settings) ?? Setting(settings.PreviousMasterKey, "Protection:PreviousMasterKey")
            ?? (settings.PreviousMasterKeyFile is { Length: > 0 } other ? FromFile(Path.GetFullPath(other), "Protection:PreviousMasterKeyFile") : null);
        IMasterKey[] known = previous is null ? [key] : [key, previous];
        if (state is null)
        {
            table.ClaimState(key.Id);
            state = table.ReadState();
        }

        if (!Array.Exists(known, k => k.Id == state!.Value.MasterKeyId))
        {
            if (made)
            {
                // Another process, elsewhere, was first; what this one made protects nothing.
                File.Delete(DefaultPath);
            }

            throw Wrong($"The database's keys are wrapped by the master key {state!.Value.MasterKeyId}, and {source} is {key.Id}. Set Protection:MasterKey, Protection:MasterKeyFile or Protection:MasterKeyVault to the "
                + "key that was used before (Protection:PreviousMasterKey while a new one takes over).");
        }

        if (made)
        {
            Made(logger, DefaultPath);
        }

        return known;
    }

    private string DefaultPath => data.PathOf(MasterKeyFile.Name);

    private static bool Invent(string path, string? inForce)
    {
        if (inForce is not null)
        {
            throw Wrong($"The database's keys are wrapped by the master key {inForce}, and there is none here: neither Protection:MasterKey nor Protection:MasterKeyFile is set, and there is "
                + $"no file {path}. A new key would not open what is stored.");
        }

        return MasterKeyFile.Create(path);
    }

    private static LocalMasterKey? Setting(string? text, string name) =>
        string.IsNullOrWhiteSpace(text) ? null : LocalMasterKey.Parse(text) ?? throw Wrong($"{name} must be base64 of {LocalMasterKey.KeyBytes} bytes.");

    private static LocalMasterKey FromFile(string path, string name)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong($"{name} cannot be read: {e.Message}");
        }

        return LocalMasterKey.Parse(text) ?? throw Wrong($"{name} ({path}) must hold base64 of {LocalMasterKey.KeyBytes} bytes.");
    }

    private static OptionsValidationException Wrong(string why) => new(ProtectionOptions.Section, typeof(ProtectionOptions), [why]);

    [LoggerMessage(1, LogLevel.Warning,
        "Made a master key and kept it in {Path}. Whoever loses that file loses every encrypted value: copy it to a safe place, apart from the database's backups.")]
    private static partial void Made(ILogger logger, string path);
}
