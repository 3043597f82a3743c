using CloudStore.Storage.Series.Parquet.Thrift;

namespace CloudStore.Storage.Series.Parquet.Metadata;

/// <summary>A node of the file's schema, which is the tree written from the root on, each before its children.</summary>
internal sealed class SchemaElement
{
    public PhysicalType? Type { get; set; }

    public int TypeLength { get; set; }

    public Repetition Repetition { get; set; }

    public string Name { get; set; } = "";

    public int Children { get; set; }

    public ConvertedType? Converted { get; set; }

    public int Scale { get; set; }

    public int Precision { get; set; }

    public LogicalType Logical { get; set; }

    public static SchemaElement Read(ref ThriftReader reader)
    {
        var element = new SchemaElement();
        short id = 0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1: element.Type = (PhysicalType)reader.I32(type); break;
                case 2: element.TypeLength = reader.I32(type); break;
                case 3: element.Repetition = (Repetition)reader.I32(type); break;
                case 4: element.Name = reader.Text(type); break;
                case 5: element.Children = reader.I32(type); break;
                case 6: element.Converted = (ConvertedType)reader.I32(type); break;
                case 7: element.Scale = reader.I32(type); break;
                case 8: element.Precision = reader.I32(type); break;
                case 10:
                    ThriftReader.Require(type, ThriftType.Struct);
                    element.Logical = LogicalType.Read(ref reader);
                    break;
                default: reader.Skip(type); break;
            }
        }

        return element;
    }

    /// <param name="isRoot">The root has no repetition.</param>
    public void Write(ThriftWriter writer, bool isRoot)
    {
        writer.BeginElement();
        if (Type is { } type)
        {
            writer.I32(1, (int)type);
        }

        if (Type == PhysicalType.FixedLenByteArray)
        {
            writer.I32(2, TypeLength);
        }

        if (!isRoot)
        {
            writer.I32(3, (int)Repetition);
        }

        writer.Text(4, Name);
        if (Type is null)
        {
            writer.I32(5, Children);
        }

        if (Converted is { } converted)
        {
            writer.I32(6, (int)converted);
            if (converted == ConvertedType.Decimal)
            {
                writer.I32(7, Scale);
                writer.I32(8, Precision);
            }
        }

        if (Logical.Kind != LogicalKind.None)
        {
            writer.BeginStruct(10);
            Logical.Write(writer);
            writer.EndStruct();
        }

        writer.EndStruct();
    }
}
