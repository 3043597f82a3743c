using System.ComponentModel;
using CloudStore.Api.Http;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Protection.Audit;
using Microsoft.AspNetCore.Mvc;

namespace CloudStore.Api.Audit;

/// <summary>The filters of audit events as query parameters.</summary>
internal readonly record struct AuditQuery(
    [property: FromQuery(Name = "actor"), Description("Exactly this access key's id, or part of the product.")] string? Actor,
    [property: FromQuery(Name = "record"), Description("Events of the record with this id.")] string? Record,
    [property: FromQuery(Name = "type"), Description("Events of records in this table, e.g. campaigns.")] string? Type,
    [property: FromQuery(Name = "from"), Description("A day or an instant, inclusive; UTC where it has no offset.")] string? From,
    [property: FromQuery(Name = "to"), Description("A day, which is included, or an instant, which is not.")] string? To)
{
    /// <exception cref="ProblemException">A parameter is not what it should be.</exception>
    public AuditFilter ToFilter(string? action) => new(Text(Actor), Id(Record), Text(Type), QueryEnum.Optional<AuditAction>("action", action), CampaignFilter.ParseFrom(From), CampaignFilter.ParseTo(To));

    private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static Guid? Id(string? record) => string.IsNullOrEmpty(record) ? null : Guid.TryParse(record, out var id) ? id
        : throw ProblemException.ForField(ProblemKind.Invalid, "record", "uuid", $"record must be a record's id, a UUID; it is '{record}'.");
}
