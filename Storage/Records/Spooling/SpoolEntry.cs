using System.Text;

namespace CloudStore.Storage.Records.Spooling;

/// <summary>A write that waits for the database.</summary>
/// <param name="Id">UUIDv7; what the sender asks by, and what makes it count once.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Actor">The access key's id.</param>
/// <param name="Target">Name of the <see cref="ISpoolTarget"/> that takes it.</param>
/// <param name="ReceivedAt">UTC.</param>
/// <param name="Body">What the target wrote itself.</param>
/// <param name="Key">The Idempotency-Key it came with; null where it came without.</param>
public sealed record SpoolEntry(Guid Id, string Tenant, string Actor, string Target, DateTime ReceivedAt, byte[] Body, SpooledKey? Key = null)
{
    internal byte[] ToBytes()
    {
        using var bytes = new MemoryStream(Body.Length + 128);
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(Id.ToByteArray(bigEndian: true));
        writer.Write(ReceivedAt.Ticks);
        writer.Write(Tenant);
        writer.Write(Actor);
        writer.Write(Target);
        writer.Write(Key is not null);
        Key?.Write(writer);
        writer.Write(Body);
        return bytes.ToArray();
    }

    /// <param name="bytes">As <see cref="ToBytes"/> writes them.</param>
    internal static SpoolEntry From(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        var id = new Guid(reader.ReadBytes(16), bigEndian: true);
        var at = new DateTime(reader.ReadInt64(), DateTimeKind.Utc);
        var (tenant, actor, target) = (reader.ReadString(), reader.ReadString(), reader.ReadString());
        var key = reader.ReadBoolean() ? SpooledKey.Read(reader) : null;
        return new SpoolEntry(id, tenant, actor, target, at, bytes[(int)reader.BaseStream.Position..], key);
    }
}
