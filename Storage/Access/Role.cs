namespace CloudStore.Storage.Access;

/// <summary>What an access key allows; each role includes the ones before it.</summary>
public enum Role
{
    /// <summary>Reads records.</summary>
    Reader = 1,

    /// <summary>Creates, changes, deletes and imports records.</summary>
    Writer = 2,

    /// <summary>Manages access keys and operations.</summary>
    Operator = 3,
}
