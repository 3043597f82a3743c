using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CloudStore.Storage.Operations.Persons;

/// <summary>What a certificate states.</summary>
public sealed record ErasureStatement
{
    public required string Tenant { get; init; }

    /// <summary>The erasure's id.</summary>
    public required Guid Job { get; init; }

    /// <summary>Whom, as <see cref="ErasureCertificate.NameOf"/> has it.</summary>
    public required string Person { get; init; }

    /// <summary>An access key's id.</summary>
    public required string RequestedBy { get; init; }

    public required DateTime RequestedAt { get; init; }

    /// <summary>When a look at all tables found nothing of the person.</summary>
    public required DateTime FinishedAt { get; init; }

    /// <summary>Rows that were removed, by table.</summary>
    public required IReadOnlyDictionary<string, long> Rows { get; init; }

    /// <summary>Archived rows that were removed. One whose removal a kill came behind at once may be missing here.</summary>
    public required long Archived { get; init; }

    /// <inheritdoc cref="Archived"/>
    public required long Spooled { get; init; }

    /// <summary>Contents of files, and parts of uploads, that were removed.</summary>
    public required long Contents { get; init; }

    /// <summary>Bytes of those files.</summary>
    public required long ContentBytes { get; init; }

    /// <summary>Contents among them whose place could not be reached: they cannot be read, and may be there.</summary>
    public required long ContentsUnreached { get; init; }

    /// <summary>The data keys that were destroyed.</summary>
    public required IReadOnlyList<Guid> Keys { get; init; }
}

/// <summary>
/// The text of a certificate, to be signed as a note (c2sp.org/signed-note) with the key of the audit log. Its first line is none that a checkpoint of a log can have. Who was erased is stated
/// under a salt that is given to whoever asked for the erasure and is kept nowhere: they can show who it was, and nobody can find it out.
/// </summary>
public static class ErasureCertificate
{
    public const string FirstLine = "CloudStore erasure certificate v1";

    /// <summary>HMAC-SHA-256 under the salt of <c>tenant, line break, person</c>; lower-case hexadecimal.</summary>
    public static string NameOf(byte[] salt, string tenant, string person) => Convert.ToHexStringLower(HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes($"{tenant}\n{person}")));

    internal static string TextOf(ErasureStatement statement) => $"{FirstLine}\n{JsonSerializer.Serialize(statement, PersonsJson.Default.ErasureStatement)}\n";
}
