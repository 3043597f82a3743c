using System.Text;
using CloudStore.Storage.Cache.Changes;
using Microsoft.AspNetCore.WebUtilities;

namespace CloudStore.Api.Cache.Answers;

/// <summary>The key of an answer: the path, and the query with its parameters in order, so that what means the same is kept once.</summary>
internal static class AnswerKey
{
    /// <summary>In UTF-8 it is at most three times as long, which every setting allows.</summary>
    private const int MostChars = 340;

    private const string Prefix = RecordTags.Own + "answers";

    /// <returns>Null for a key that would be too long; then the answer is not kept.</returns>
    public static string? Of(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        var query = request.QueryString.Value;
        var key = string.IsNullOrEmpty(query) ? string.Concat(Prefix, path) : query.Length > MostChars ? null : string.Concat(Prefix, path, Normal(query));
        return key?.Length <= MostChars ? key : null;
    }

    // Names without regard to case, as they are read; parameters of one name in the order they came, as the first counts.
    private static string Normal(string query)
    {
        var parameters = new List<(string Name, string Value)>();
        foreach (var parameter in new QueryStringEnumerable(query))
        {
            parameters.Add((parameter.DecodeName().ToString().ToLowerInvariant(), parameter.DecodeValue().ToString()));
        }

        var normal = new StringBuilder(query.Length + 8);
        foreach (var (name, value) in parameters.OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            normal.Append(normal.Length == 0 ? '?' : '&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        }

        return normal.ToString();
    }
}
