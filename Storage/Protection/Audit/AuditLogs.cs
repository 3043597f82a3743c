using System.Security.Cryptography;
using CloudStore.Storage.Protection.Transparency;
using Microsoft.Extensions.Options;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>Where this installation's log is, what it is called and who signs it.</summary>
public sealed class AuditLogs(IOptions<AuditOptions> options, DataOptions data, AuditKeyring keys)
{
    private const string DefaultFolder = "audit";

    public LogFolder Folder => new(options.Value.Folder is { Length: > 0 } folder ? Path.GetFullPath(folder) : data.PathOf(DefaultFolder));

    /// <summary>Checks the log's checkpoints with the installation's own key, not with what lies beside the log.</summary>
    public NoteVerifier Verifier
    {
        get
        {
            using var signer = Signer();
            return signer.Verifier;
        }
    }

    /// <exception cref="LogDamagedException">The log that is there has another name than the setting.</exception>
    /// <param name="known">A checkpoint of the log from elsewhere, whose name it keeps where the folder has none.</param>
    internal NoteSigner Signer(string? known = null)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(keys.LogKey, out _);
        var made = $"cloudstore/audit/{Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..4])}";
        var wanted = options.Value.Origin is { Length: > 0 } origin ? origin : null;
        // A name that no log can have was put there by somebody else; its checkpoint will not be opened.
        var kept = (Folder.ReadCheckpoint() ?? known)?.Split('\n')[0] is { } name && NoteVerifier.IsName(name) ? name : null;
        return kept is null || wanted is null || kept == wanted
            ? new NoteSigner(wanted ?? kept ?? made, keys.LogKey)
            : throw new LogDamagedException($"The log in {Folder.FullPath} is called '{kept}'; Audit:Origin says '{wanted}'. A log keeps its name.");
    }
}
