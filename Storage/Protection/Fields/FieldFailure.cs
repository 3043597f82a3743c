using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>The problems with a stored value, naming its place and never the value.</summary>
internal static class FieldFailure
{
    /// <summary>The rule of a value that another master key would open: nothing is wrong with the value.</summary>
    public const string MasterKeyRule = "master-key";

    public static ProblemException Destroyed(FieldPlace place, Guid row, Guid key) =>
        Make(ProblemKind.Destroyed, place, row, "destroyed-key", $"was encrypted with the key {key}, which was destroyed");

    public static ProblemException UnknownKey(FieldPlace place, Guid row, Guid key) =>
        Make(ProblemKind.Unreadable, place, row, "unknown-key", $"names the key {key}, which the database has not got");

    public static ProblemException Locked(FieldPlace place, Guid row, Guid key) =>
        Make(ProblemKind.Unreadable, place, row, MasterKeyRule, $"was encrypted with the key {key}, which the master key of this process does not unwrap (Protection:MasterKey)");

    public static ProblemException Tampered(FieldPlace place, Guid row, Exception inner) =>
        Make(ProblemKind.Unreadable, place, row, "authentic", "was changed, or belongs to another row, column or tenant", inner);

    public static ProblemException OtherOwner(FieldPlace place, Guid row) =>
        Make(ProblemKind.Unreadable, place, row, "owner", "was encrypted with another tenant's key");

    public static ProblemException NoToken(FieldPlace place, Guid row) =>
        Make(ProblemKind.Unreadable, place, row, "form", "is not an encrypted value");

    public static ProblemException InClear(FieldPlace place, Guid row) =>
        Make(ProblemKind.Unreadable, place, row, "in-clear",
            "is in clear, which Production refuses. If it was written while Protection:Enabled was false, 'keys rotate --encrypt-clear' encrypts it");

    public static ProblemException Garbled(FieldPlace place, Guid row, Exception inner) =>
        Make(ProblemKind.Unreadable, place, row, "values", $"decrypts, but its values cannot be read: {inner.Message}", inner);

    private static ProblemException Make(ProblemKind kind, FieldPlace place, Guid row, string rule, string what, Exception? inner = null)
    {
        var message = $"The column '{place.Column}' of table '{place.Table}', row {row}, {what}.";
        return new ProblemException(kind, message, [new ProblemError($"{place.Table}.{place.Column}", rule, message)], inner);
    }
}
