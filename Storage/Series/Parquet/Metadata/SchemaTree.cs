namespace CloudStore.Storage.Series.Parquet.Metadata;

/// <summary>The leaves of a schema with their levels.</summary>
internal static class SchemaTree
{
    private const int MaxDepth = 64, MaxFixedLength = 1 << 20;

    /// <exception cref="ParquetException">The nodes are no tree, or one of them is not as the format says.</exception>
    public static IReadOnlyList<LeafColumn> Leaves(List<SchemaElement> nodes, ParquetReadOptions options)
    {
        if (nodes.Count == 0 || nodes[0].Type is not null)
        {
            throw new ParquetException("the schema has no root");
        }

        List<LeafColumn> leaves = [];
        int next = 1;
        Children(nodes, ref next, nodes[0], "", (0, 0, 0), leaves, options);
        return next == nodes.Count ? leaves : throw new ParquetException($"the schema has {nodes.Count} nodes, of which {nodes.Count - next} belong to no other");
    }

    private static void Children(List<SchemaElement> nodes, ref int next, SchemaElement parent, string path, (int Depth, int Definition, int Repetition) at, List<LeafColumn> leaves, ParquetReadOptions options)
    {
        if (at.Depth > MaxDepth)
        {
            throw new ParquetException($"the schema nests more than {MaxDepth} deep");
        }

        for (int left = parent.Children; left > 0; left--)
        {
            if (next >= nodes.Count)
            {
                throw new ParquetException($"the schema ends before the {parent.Children} children of '{parent.Name}'");
            }

            var node = nodes[next++];
            var name = path.Length == 0 ? node.Name : $"{path}.{node.Name}";
            Check(node, name);
            var inner = (at.Depth + 1, at.Definition + (node.Repetition == Repetition.Required ? 0 : 1), at.Repetition + (node.Repetition == Repetition.Repeated ? 1 : 0));
            if (node.Type is null)
            {
                Children(nodes, ref next, node, name, inner, leaves, options);
            }
            else
            {
                leaves.Add(Leaf(node, name, leaves.Count, inner.Item2, inner.Item3, at.Depth == 0, options));
            }
        }
    }

    private static LeafColumn Leaf(SchemaElement node, string path, int index, int definition, int repetition, bool isTop, ParquetReadOptions options)
    {
        var leaf = new LeafColumn { Index = index, Path = path, Element = node, MaxDefinition = definition, MaxRepetition = repetition, IsFlat = isTop && repetition == 0 };
        try
        {
            return leaf with { Type = TypeMapping.Of(node, options) };
        }
        catch (ParquetException e)
        {
            return leaf with { Refusal = e.Rule };
        }
    }

    private static void Check(SchemaElement node, string path)
    {
        var rule = node switch
        {
            { Type: < PhysicalType.Boolean or > PhysicalType.FixedLenByteArray } => $"it is of type {(int)node.Type}, which the format does not have",
            { Repetition: < Repetition.Required or > Repetition.Repeated } => $"its repetition is {(int)node.Repetition}, which the format does not have",
            { Type: PhysicalType.FixedLenByteArray, TypeLength: <= 0 or > MaxFixedLength } => $"its values have {node.TypeLength} bytes each; 1 to {MaxFixedLength} are read",
            { Children: < 0 } => $"it has {node.Children} children",
            { Type: not null, Children: > 0 } => "it has both values and children",
            { Type: null, Children: 0 } => "it has neither values nor children",
            _ => null,
        };
        if (rule is not null)
        {
            throw new ParquetException(rule).At(column: path);
        }
    }
}
