using System.Text.Json;
using CloudStore.Storage.Protection.Audit;

namespace CloudStore.Api.Audit;

/// <summary>An audit event as the API shows it.</summary>
/// <param name="Id">The event's.</param>
/// <param name="Sequence">Its number in the table; numbers of changes that were rolled back are missing.</param>
/// <param name="At">UTC.</param>
/// <param name="Actor">The access key's id, or the part of the product that worked by itself; anonymous where no key was accepted.</param>
/// <param name="Origin">The client's address and user agent, or cli, worker.</param>
/// <param name="Action">What was done.</param>
/// <param name="RecordType">The table of the records concerned.</param>
/// <param name="RecordId">The record concerned; null where there are several, or none.</param>
/// <param name="Items">How many records or requests, where it is not one.</param>
/// <param name="Before">SHA-256 of the record as it was, hexadecimal.</param>
/// <param name="After">SHA-256 of the record, the batch or the ids that were read, hexadecimal.</param>
/// <param name="Details">Particulars of the action.</param>
public sealed record AuditView(
    Guid Id, long Sequence, DateTime At, string Actor, string? Origin, AuditAction Action, string? RecordType, Guid? RecordId, long? Items, string? Before, string? After, JsonElement? Details)
{
    public static AuditView Of(AuditEvent e) => new(e.Id, e.Sequence, e.At, e.Actor, e.Origin, e.Action, e.RecordType, e.RecordId, e.Items, Hex(e.Before), Hex(e.After),
        e.Details is null ? null : JsonElement.Parse(e.Details));

    private static string? Hex(byte[]? bytes) => bytes is null ? null : Convert.ToHexStringLower(bytes);
}
