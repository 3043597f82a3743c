using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>
/// Encrypts named fields of JSON objects and dictionaries in place: each value becomes a string <c>enc:v1:</c> and its token in base64url, and comes back as exactly the JSON value it
/// was, with its kind and digits. A field is bound to tenant, purpose, document id and its own path, so that it cannot be moved to another document or field.
/// </summary>
public sealed class DocumentCipher(FieldCipher cipher)
{
    /// <summary>How an encrypted field's text begins.</summary>
    public const string Mark = "enc:v1:";

    // Set apart from tables by a character that no table's name has.
    private const string Table = "document:";

    /// <summary>Encrypts fields; those that are not there, or are encrypted already, stay as they are.</summary>
    /// <param name="tenant">Whose key is used.</param>
    /// <param name="purpose">What kind of document it is, e.g. <c>voice.profile</c>; decrypting needs the same.</param>
    /// <param name="id">The document's id; decrypting needs the same.</param>
    /// <param name="document">Changed in place.</param>
    /// <param name="paths">Names of fields, with points between them for fields of objects in it: <c>customer.email</c>.</param>
    /// <param name="subject">The person whose key is used; empty for the tenant's.</param>
    public void Encrypt(string tenant, string purpose, Guid id, JsonObject document, IEnumerable<string> paths, string subject = "")
    {
        foreach (var path in paths)
        {
            if (Find(document, path) is not var (parent, name) || !parent.TryGetPropertyValue(name, out var value) || Opens(Place(tenant, purpose, path), id, Text(value)))
            {
                continue;
            }

            var writer = new FieldWriter();
            writer.Start(1);
            writer.Any((JsonNode?)value);
            parent[name] = Mark + Base64Url.EncodeToString(cipher.Seal(Place(tenant, purpose, path), id, writer.Finish(), subject));
            writer.Clear();
        }
    }

    /// <summary>Decrypts fields; those that are not there, or are not encrypted, stay as they are.</summary>
    /// <exception cref="ProblemException">Of kind unreadable or destroyed, naming purpose, path and id.</exception>
    public void Decrypt(string tenant, string purpose, Guid id, JsonObject document, IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            if (Find(document, path) is not var (parent, name) || !parent.TryGetPropertyValue(name, out var value) || Text(value) is not { } text || !IsMarked(text))
            {
                continue;
            }

            parent[name] = (JsonNode?)Open(Place(tenant, purpose, path), id, text);
        }
    }

    /// <summary>Encrypts values of a dictionary; each comes back as the type it was.</summary>
    /// <param name="names">The keys whose values are encrypted: null, string, bool, int, long, decimal, double, DateTime, Guid, byte[] or JsonNode.</param>
    /// <exception cref="NotSupportedException">A value is of another type.</exception>
    public void Encrypt(string tenant, string purpose, Guid id, IDictionary<string, object?> document, IEnumerable<string> names, string subject = "")
    {
        foreach (var name in names)
        {
            if (document.TryGetValue(name, out var value) && !Opens(Place(tenant, purpose, name), id, value as string))
            {
                var writer = new FieldWriter();
                writer.Start(1);
                writer.Any(value);
                document[name] = Mark + Base64Url.EncodeToString(cipher.Seal(Place(tenant, purpose, name), id, writer.Finish(), subject));
                writer.Clear();
            }
        }
    }

    /// <summary>Decrypts what <see cref="Encrypt(string, string, Guid, IDictionary{string, object}, IEnumerable{string}, string)"/> encrypted.</summary>
    /// <exception cref="ProblemException">Of kind unreadable or destroyed, naming purpose, key and id.</exception>
    public void Decrypt(string tenant, string purpose, Guid id, IDictionary<string, object?> document, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (document.TryGetValue(name, out var value) && value is string text && IsMarked(text))
            {
                document[name] = Open(Place(tenant, purpose, name), id, text);
            }
        }
    }

    private object? Open(FieldPlace place, Guid id, string text)
    {
        var encoded = text.AsSpan(Mark.Length);
        var token = new byte[Base64Url.GetMaxDecodedLength(encoded.Length)];
        if (!Base64Url.IsValid(encoded) || !Base64Url.TryDecodeFromChars(encoded, token, out int length))
        {
            throw FieldFailure.NoToken(place, id);
        }

        var reader = new FieldReader();
        cipher.Open(place, id, token.AsSpan(0, length), reader);
        try
        {
            reader.Start(1);
            return reader.Any();
        }
        catch (Exception e) when (e is FormatException or OverflowException or JsonException)
        {
            throw FieldFailure.Garbled(place, id, e);
        }
        finally
        {
            reader.Clear();
        }
    }

    private static FieldPlace Place(string tenant, string purpose, string path) => new(tenant, Table + purpose, path);

    private static bool IsMarked(string text) => text.StartsWith(Mark, StringComparison.Ordinal);

    private static string? Text(JsonNode? value) => value is JsonValue text && text.TryGetValue<string>(out var s) ? s : null;

    // A text that only looks like a token, as anybody may write one, is encrypted like any other.
    private bool Opens(FieldPlace place, Guid id, string? text)
    {
        try
        {
            return text is not null && IsMarked(text) && Open(place, id, text) is var _;
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    private static (JsonObject Parent, string Name)? Find(JsonObject document, string path)
    {
        var names = path.Split('.');
        foreach (var name in names[..^1])
        {
            if (document[name] is not JsonObject inner)
            {
                return null;
            }

            document = inner;
        }

        return (document, names[^1]);
    }
}
