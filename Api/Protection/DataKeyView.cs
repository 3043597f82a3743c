using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;

namespace CloudStore.Api.Protection;

/// <summary>A data key as the API shows it: everything but the key.</summary>
/// <param name="Id">Every value that it encrypted carries it.</param>
/// <param name="Subject">The person it is for; null for the tenant's own.</param>
/// <param name="Purpose">What it is for: fields, or index for blind indexes.</param>
/// <param name="Version">1 for the first, one more with each rotation.</param>
/// <param name="State">active: encrypts and decrypts; decryptOnly: rotated away; destroyed: nobody can read its values any more.</param>
/// <param name="MasterKeyId">Which master key wraps it.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC; when its state last changed.</param>
public sealed record DataKeyView(Guid Id, string? Subject, KeyPurpose Purpose, int Version, KeyState State, string MasterKeyId, DateTime CreatedAt, DateTime UpdatedAt)
{
    public static DataKeyView Of(DataKey key) =>
        new(key.Id, key.Subject.Length == 0 ? null : key.Subject, key.Purpose, key.Version, key.State, key.MasterKeyId, key.CreatedAt, key.UpdatedAt);
}

/// <summary>How far a rotation is.</summary>
/// <param name="Id">Where to read it again.</param>
/// <param name="State">running or succeeded.</param>
/// <param name="Pass">1 at first; another follows until one finds nothing left.</param>
/// <param name="Place">The table and column it works on; null before the first and behind the last.</param>
/// <param name="RowsRead">Rows looked at in this pass.</param>
/// <param name="RowsEncrypted">Rows encrypted anew so far.</param>
/// <param name="RowsUnreadable">Rows that could not be decrypted; they stay as they are.</param>
/// <param name="RowsInClear">Rows in clear that were left so.</param>
/// <param name="Problem">The first problem with a row; null where there was none.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="FinishedAt">UTC; null while it runs.</param>
public sealed record RotationView(Guid Id, RotationState State, int Pass, string? Place, long RowsRead, long RowsEncrypted, long RowsUnreadable, long RowsInClear, string? Problem, DateTime CreatedAt,
    DateTime? FinishedAt)
{
    public static RotationView Of(KeyRotation rotation) => new(rotation.Id, rotation.State, rotation.Pass, rotation.Place is "" or "~" ? null : rotation.Place, rotation.RowsRead, rotation.RowsEncrypted,
        rotation.RowsUnreadable, rotation.RowsInClear, rotation.Problem, rotation.CreatedAt, rotation.FinishedAt);
}
