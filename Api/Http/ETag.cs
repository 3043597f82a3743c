using System.Globalization;
using CloudStore.ServiceDefaults.Problems;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CloudStore.Api.Http;

/// <summary>Entity tags and conditional requests (RFC 9110 sections 8.8.3 and 13). A record's tag is strong: its revision in quotes.</summary>
public static class ETag
{
    public static string Of(long revision) => string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");

    /// <summary>Lets a change through only where <c>If-Match</c> is absent, is <c>*</c>, or lists the record's tag. Weak tags never match.</summary>
    /// <exception cref="ProblemException">Of kind stale, or malformed where the header is not a list of entity tags.</exception>
    public static void RequireMatch(HttpRequest request, long revision)
    {
        var header = request.Headers.IfMatch;
        if (header.Count > 0 && !Contains(header, HeaderNames.IfMatch, Of(revision), strong: true))
        {
            throw new ProblemException(ProblemKind.Stale, $"The record is at revision {Of(revision)}; If-Match names {header}.");
        }
    }

    /// <summary>The revision a change expects, for stores that check it together with the change; null where any will do.</summary>
    /// <exception cref="ProblemException">Of kind malformed, or stale where the tag can be no record's.</exception>
    public static long? Expected(HttpRequest request)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0)
        {
            return null;
        }

        var tags = Parse(header, HeaderNames.IfMatch);
        if (tags.Any(t => t.Tag == "*"))
        {
            return null;
        }

        if (tags.Count == 1 && !tags[0].IsWeak && long.TryParse(tags[0].Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            return revision;
        }

        throw new ProblemException(ProblemKind.Stale, $"If-Match names {header}, which is not the ETag of a record; send the ETag of the last answer.");
    }

    /// <summary>True where <c>If-None-Match</c> names what the caller would be sent.</summary>
    /// <exception cref="ProblemException">Of kind malformed.</exception>
    public static bool IsUnchanged(HttpRequest request, string tag)
    {
        var header = request.Headers.IfNoneMatch;
        return header.Count > 0 && Contains(header, HeaderNames.IfNoneMatch, tag, strong: false);
    }

    /// <summary>Tells the tags that <c>If-Match</c> names; null where it is absent or *.</summary>
    /// <exception cref="ProblemException">Of kind malformed.</exception>
    internal static Predicate<string>? Expecting(StringValues ifMatch) =>
        ifMatch.Count == 0 || Parse(ifMatch, HeaderNames.IfMatch).Any(t => t.Tag == "*") ? null : tag => Contains(ifMatch, HeaderNames.IfMatch, tag, strong: true);

    private static bool Contains(StringValues header, string name, string tag, bool strong)
    {
        // By far the most frequent form, compared without taking it apart.
        if (header.Count == 1 && header[0] == tag)
        {
            return true;
        }

        var wanted = new EntityTagHeaderValue(tag);
        return Parse(header, name).Any(t => t.Tag == "*" || t.Compare(wanted, strong));
    }

    private static IList<EntityTagHeaderValue> Parse(StringValues header, string name) =>
        EntityTagHeaderValue.TryParseList(header, out var tags) ? tags : throw ProblemException.ForField(ProblemKind.Malformed, name, "entity-tag",
            $"{name} must be * or a list of entity tags in quotes, e.g. \"3\"; it is {header}.");
}
