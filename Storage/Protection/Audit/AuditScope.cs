using System.Text.Json.Nodes;
using CloudStore.Storage.Access;
using CloudStore.Storage.Records;
using Microsoft.AspNetCore.Http;

namespace CloudStore.Storage.Protection.Audit;

/// <summary>Makes the events of one scope (a request, a job): it knows who asks and from where.</summary>
internal sealed class AuditScope(AuditKeyring keys, CallerScope caller)
{
    private string? _origin;

    /// <summary>An event of the context's tenant, as of now.</summary>
    public AuditEvent Create(StoreContext context, AuditNote note) => Create(context, note, context.Now());

    public AuditEvent Create(StoreContext context, AuditNote note, DateTime now)
    {
        var made = new AuditEvent
        {
            Id = RecordId.Next(context.Time),
            Tenant = note.Tenant ?? context.Tenant ?? AccessKeys.DefaultTenant,
            At = now,
            Actor = note.Actor ?? context.Actor,
            Origin = note.Origin ?? (_origin ??= Describe()),
            Action = note.Action,
            RecordType = note.RecordType,
            RecordId = note.RecordId,
            Items = note.Items,
            Before = note.Before,
            After = note.After,
            Details = note.Details?.ToJsonString(),
        };
        made.Mac = AuditMac.Of(made, keys.EventKey);
        return made;
    }

    /// <summary>The client's address and what it calls itself.</summary>
    public static string Describe(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress;
        var text = $"{(address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)} {http.Request.Headers.UserAgent}".Replace('\0', ' ').Trim();
        return text.Length <= AuditEvent.MaxOrigin ? text : text[..AuditEvent.MaxOrigin];
    }

    private string Describe() => caller.Request is { } http ? Describe(http) : caller.Current?.Actor == "cli" ? "cli" : "worker";
}

/// <summary>What there is to say about an event; who, when and from where is known.</summary>
/// <param name="Action">What was done.</param>
/// <param name="RecordType">The table of the records concerned.</param>
/// <param name="RecordId">The record concerned, where it is one.</param>
/// <param name="Items">How many, where it is not one.</param>
/// <param name="Before">SHA-256 of what was.</param>
/// <param name="After">SHA-256 of what is.</param>
/// <param name="Details">Particulars. Nothing that belongs to a person: events outlive records.</param>
public sealed record AuditNote(AuditAction Action, string? RecordType = null, Guid? RecordId = null, long? Items = null, byte[]? Before = null, byte[]? After = null, JsonObject? Details = null)
{
    /// <summary>Null for the context's.</summary>
    internal string? Tenant { get; init; }

    /// <inheritdoc cref="Tenant"/>
    internal string? Actor { get; init; }

    /// <summary>Null for the scope's.</summary>
    internal string? Origin { get; init; }
}
