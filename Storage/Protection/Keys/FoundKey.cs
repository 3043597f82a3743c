namespace CloudStore.Storage.Protection.Keys;

/// <summary>What looking for a key by its id gave: the key, or why there is none.</summary>
internal readonly record struct FoundKey(OpenKey? Key, KeyAbsence Absence)
{
    public static implicit operator FoundKey(OpenKey key) => new(key, KeyAbsence.None);

    public static implicit operator FoundKey(KeyAbsence absence) => new(null, absence);
}

/// <summary>Why a key cannot be had.</summary>
internal enum KeyAbsence
{
    None,

    /// <summary>The database has no key of that id.</summary>
    Unknown,

    Destroyed,

    /// <summary>It is wrapped by a master key that this process has not got, or its wrapped bytes were changed.</summary>
    Locked,
}
