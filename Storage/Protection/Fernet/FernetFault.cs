namespace CloudStore.Storage.Protection.Fernet;

/// <summary>Why a text is no valid token.</summary>
public enum FernetFault
{
    None,

    /// <summary>It is not base64url.</summary>
    NotBase64,

    /// <summary>It has no room for a date, a vector and a signature: 57 bytes.</summary>
    TooShort,

    /// <summary>Its first byte is not 0x80, the only version there is.</summary>
    Version,

    /// <summary>Its ciphertext is not made of whole blocks of 16 bytes: something is cut off.</summary>
    Truncated,

    /// <summary>Its signature fits none of the keys: it was made with another key, or changed.</summary>
    Signature,

    /// <summary>It is older than the time to live.</summary>
    Expired,

    /// <summary>It is dated further in the future than clocks may differ.</summary>
    FromTheFuture,

    /// <summary>It is signed, but what it holds was not padded as the specification says.</summary>
    Padding,
}

/// <summary>A token could not be decrypted.</summary>
public sealed class FernetException(FernetFault fault) : Exception($"The Fernet token {FernetFaults.Reason(fault)}.")
{
    public FernetFault Fault { get; } = fault;
}

/// <summary>The faults in words.</summary>
public static class FernetFaults
{
    /// <summary>Completes "The Fernet token ...".</summary>
    public static string Reason(FernetFault fault) => fault switch
    {
        FernetFault.NotBase64 => "is not base64url",
        FernetFault.TooShort => "is too short: it was cut off, or is no token",
        FernetFault.Version => "does not start with the version 0x80",
        FernetFault.Truncated => "is not made of whole blocks: it was cut off",
        FernetFault.Signature => "is not signed by any of the keys: it was made with another key, or changed",
        FernetFault.Expired => "is older than its time to live",
        FernetFault.FromTheFuture => "is dated in the future",
        FernetFault.Padding => "is signed, but its content is not padded as Fernet pads",
        _ => "is valid",
    };
}
