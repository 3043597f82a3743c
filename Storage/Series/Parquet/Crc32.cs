using System.Buffers.Binary;

namespace CloudStore.Storage.Series.Parquet;

/// <summary>The CRC of gzip (polynomial 0x04C11DB7, reflected), which pages carry; eight bytes a step by tables.</summary>
internal static class Crc32
{
    private const uint Reflected = 0xEDB88320;
    private static readonly uint[][] Tables = MakeTables();

    public static uint Of(ReadOnlySpan<byte> data) => ~Append(uint.MaxValue, data);

    private static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        for (; data.Length >= 8; data = data[8..])
        {
            ulong next = BinaryPrimitives.ReadUInt64LittleEndian(data) ^ crc;
            crc = Tables[7][(byte)next] ^ Tables[6][(byte)(next >> 8)] ^ Tables[5][(byte)(next >> 16)] ^ Tables[4][(byte)(next >> 24)]
                ^ Tables[3][(byte)(next >> 32)] ^ Tables[2][(byte)(next >> 40)] ^ Tables[1][(byte)(next >> 48)] ^ Tables[0][next >> 56];
        }

        foreach (byte value in data)
        {
            crc = Tables[0][(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[][] MakeTables()
    {
        var tables = new uint[8][];
        for (int t = 0; t < 8; t++)
        {
            tables[t] = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                uint crc = t == 0 ? i : tables[t - 1][i];
                for (int bit = 0; bit < 8; bit++)
                {
                    crc = (crc & 1) != 0 ? (crc >> 1) ^ Reflected : crc >> 1;
                }

                tables[t][i] = crc;
            }
        }

        return tables;
    }
}
