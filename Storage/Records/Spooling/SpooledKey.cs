using CloudStore.Storage.Records.Idempotency;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>The Idempotency-Key that a spooled request came with, and the answer it got, which is given again to whoever repeats it.</summary>
/// <param name="Request">The request.</param>
/// <param name="Answer">202's body.</param>
public sealed record SpooledKey(IdempotentRequest Request, byte[] Answer)
{
    private const string ContentType = "application/json; charset=utf-8";

    /// <param name="entry">The entry that has the key.</param>
    public static IdempotentAnswer AnswerOf(SpoolEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return new IdempotentAnswer(202, ContentType, $"/v1/spool/{entry.Id}", null, entry.Key!.Answer);
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Request.Key);
        writer.Write(Request.Route);
        writer.Write7BitEncodedInt(Request.RequestHash.Length);
        writer.Write(Request.RequestHash);
        writer.Write(Request.Owner ?? "");
        writer.Write7BitEncodedInt(Answer.Length);
        writer.Write(Answer);
    }

    internal static SpooledKey Read(BinaryReader reader)
    {
        var (key, route, hash, owner) = (reader.ReadString(), reader.ReadString(), reader.ReadBytes(reader.Read7BitEncodedInt()), reader.ReadString());
        return new SpooledKey(new IdempotentRequest(key, route, hash, owner.Length == 0 ? null : owner), reader.ReadBytes(reader.Read7BitEncodedInt()));
    }
}
