namespace CloudStore.Storage.Access;

/// <summary>Why a key was not accepted.</summary>
public enum KeyRefusal
{
    /// <summary>It was accepted.</summary>
    None,

    /// <summary>The text is not an access key's.</summary>
    Malformed,

    /// <summary>There is no such key, or its secret is another. Callers are not told which.</summary>
    Unknown,

    Expired,

    Revoked,
}

/// <summary>What came of checking a key: a caller, or why there is none.</summary>
public readonly record struct KeyCheck(Caller? Caller, KeyRefusal Refusal)
{
    /// <summary>Whose key it is that was right once and is refused now; for the audit.</summary>
    internal Caller? Owner { get; init; }
}
