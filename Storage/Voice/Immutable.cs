using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Voice;

/// <summary>What a record belongs to stays as it is: its fields are encrypted under the keys of that person.</summary>
internal static class Immutable
{
    /// <exception cref="ProblemException">Of kind invalid: it would change.</exception>
    public static void Require<T>(string field, T stored, T wanted)
    {
        if (!EqualityComparer<T>.Default.Equals(stored, wanted))
        {
            throw ProblemException.ForField(ProblemKind.Invalid, field, "immutable", $"{field} cannot be changed; make another record instead.");
        }
    }
}
