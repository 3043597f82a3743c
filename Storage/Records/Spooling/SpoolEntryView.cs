using System.Text.Json.Serialization;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>What became of a write that had to wait for the database.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Target">What takes it.</param>
/// <param name="ReceivedAt">UTC.</param>
/// <param name="Status">How far it is.</param>
/// <param name="AppliedAt">When it was stored or refused, UTC; null while it waits.</param>
/// <param name="Reason">Why it was refused; else null.</param>
public sealed record SpoolEntryView(Guid Id, [property: JsonIgnore] string Tenant, string Target, DateTime ReceivedAt, SpoolStatus Status, DateTime? AppliedAt, string? Reason)
{
    internal static SpoolEntryView Waiting(SpoolEntry entry) => new(entry.Id, entry.Tenant, entry.Target, entry.ReceivedAt, SpoolStatus.Waiting, null, null);
}

/// <summary>How far a spooled write is.</summary>
public enum SpoolStatus
{
    /// <summary>On the disk of the process that took it.</summary>
    Waiting,

    /// <summary>Stored.</summary>
    Applied,

    /// <summary>It broke a rule that only the database could tell.</summary>
    Refused,
}
