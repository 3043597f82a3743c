using CloudStore.Storage.Series.Columns;
using CloudStore.Storage.Series.Parquet.Metadata;
using CloudStore.Storage.Series.Parquet.Reading;

namespace CloudStore.Storage.Series.Parquet;

/// <summary>
/// A Parquet file that is open for reading. Files of anybody's are read, and none is believed: one that is damaged or means harm is refused with a <see cref="ParquetException"/> that says
/// what is wrong and where, and never takes more memory than its length justifies. Safe for any number of threads.
/// </summary>
public sealed class ParquetFile : IDisposable
{
    private readonly FileSource _source;
    private readonly Dictionary<string, LeafColumn> _flat;

    private ParquetFile(FileSource source)
    {
        _source = source;
        _flat = new Dictionary<string, LeafColumn>(StringComparer.Ordinal);
        foreach (var leaf in source.Leaves.Where(l => l.IsFlat))
        {
            if (!_flat.TryAdd(leaf.Path, leaf))
            {
                throw new ParquetException("two columns have this name").At(source.Name, leaf.Path);
            }
        }

        Schema = new ColumnSchema(_flat.Values.Where(l => l.Type is not null).Select(Field));
        NestedColumns = [.. source.Leaves.Where(l => !l.IsFlat).Select(l => l.Path.Split('.')[0]).Distinct(StringComparer.Ordinal)];
        RowGroups = [.. source.Metadata.RowGroups.Select(Describe)];
    }

    /// <summary>The columns that can be read.</summary>
    public ColumnSchema Schema { get; }

    /// <summary>The names of columns that are lists, maps or structures: <see cref="ReadAsync"/> refuses them.</summary>
    public IReadOnlyList<string> NestedColumns { get; }

    /// <summary>The paths of all leaves, of nested columns and of others, as <see cref="ReadNestedAsync"/> takes them.</summary>
    public IReadOnlyList<string> LeafPaths => [.. _source.Leaves.Select(l => l.Path)];

    public long RowCount => _source.Metadata.Rows;

    public IReadOnlyList<ParquetRowGroup> RowGroups { get; }

    /// <summary>What the writer added to the file.</summary>
    public IReadOnlyDictionary<string, string> KeyValues => _source.Metadata.KeyValues;

    /// <summary>The program that wrote it, as it calls itself.</summary>
    public string? CreatedBy => _source.Metadata.CreatedBy;

    /// <summary>Opens a file by its path.</summary>
    /// <exception cref="ParquetException">It is no Parquet file, or its footer is damaged.</exception>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    public static Task<ParquetFile> OpenAsync(string path, ParquetReadOptions? options = null, CancellationToken cancellationToken = default) =>
        OpenAsync(new RandomAccessFile(path), options, cancellationToken);

    /// <param name="bytes">Is disposed with the file, and at once where opening fails.</param>
    /// <exception cref="ParquetException">It is no Parquet file, or its footer is damaged.</exception>
    public static async Task<ParquetFile> OpenAsync(IRandomAccess bytes, ParquetReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return new(await FileSource.OpenAsync(bytes, options ?? new(), cancellationToken));
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>All that a scan asks for, as one batch.</summary>
    /// <exception cref="ParquetException">What is read is damaged, a column is nested or of a type that cannot be read, or it is more than one batch holds.</exception>
    /// <exception cref="ArgumentException">A column or row group is not there, or a range is not of its column's type.</exception>
    public async Task<ColumnBatch> ReadAsync(ParquetScan? scan = null, CancellationToken cancellationToken = default)
    {
        scan ??= new();
        var columns = Columns(scan);
        return await ReadPlanAsync(columns, await PlanAsync(scan, Groups(scan), cancellationToken), cancellationToken);
    }

    /// <summary>The same row group by row group: no more than one is in memory. Row groups of which nothing is read give no batch.</summary>
    /// <exception cref="ParquetException">What is read is damaged, or a column is nested or of a type that cannot be read.</exception>
    /// <exception cref="ArgumentException">A column or row group is not there, or a range is not of its column's type.</exception>
    public async IAsyncEnumerable<ColumnBatch> ReadBatchesAsync(ParquetScan? scan = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        scan ??= new();
        var columns = Columns(scan);
        foreach (var group in Groups(scan))
        {
            var plan = await PlanAsync(scan, [group], cancellationToken);
            if (plan.Count > 0)
            {
                yield return await ReadPlanAsync(columns, plan, cancellationToken);
            }
        }
    }

    /// <summary>The values of one leaf of a nested column with their levels, for those who put its rows together.</summary>
    /// <param name="path">The names from below the root, with dots.</param>
    /// <exception cref="ParquetException">What is read is damaged, or of a type that cannot be read.</exception>
    /// <exception cref="ArgumentException">There is no such leaf.</exception>
    public async Task<NestedValues> ReadNestedAsync(string path, CancellationToken cancellationToken = default)
    {
        var leaf = _source.Leaves.FirstOrDefault(l => l.Path == path) ?? throw new ArgumentException($"There is no column '{path}'; there are {string.Join(", ", _source.Leaves.Select(l => l.Path))}.", nameof(path));
        return await NestedReader.ReadAsync(_source, leaf, cancellationToken);
    }

    public void Dispose() => _source.Bytes.Dispose();

    private static ColumnField Field(LeafColumn leaf) => new(leaf.Path, leaf.Type!.Value, leaf.MaxDefinition > 0);

    private ParquetRowGroup Describe(RowGroupMetadata group) => new(
        group.Rows,
        group.Columns.Sum(c => c.CompressedSize),
        Schema.Fields.ToDictionary(f => f.Name, f => Bounds(_flat[f.Name], group), StringComparer.Ordinal));

    private ColumnBounds Bounds(LeafColumn leaf, RowGroupMetadata group) =>
        StatisticValue.ForCallers(leaf, StatisticValue.Bounds(leaf, group.Columns[leaf.Index].Statistics, _source.Metadata.IsOrdered));

    private List<LeafColumn> Columns(ParquetScan scan)
    {
        if (scan.Columns is null && NestedColumns.Count > 0)
        {
            throw Nested(NestedColumns[0]);
        }

        var columns = scan.Columns is null ? [.. _flat.Values] : scan.Columns.Select(Require).ToList();
        columns.ForEach(c => _ = c.Type ?? throw new ParquetException(c.Refusal!).At(_source.Name, c.Path));
        return columns;
    }

    private LeafColumn Require(string name) =>
        _flat.TryGetValue(name, out var leaf) ? leaf
        : NestedColumns.Contains(name) ? throw Nested(name)
        : throw new ArgumentException($"There is no column '{name}' in {_source.Name}; there are {string.Join(", ", _flat.Keys)}.");

    private ParquetException Nested(string name) => new ParquetException("it is nested (a list, map or structure), which columns are not: name the columns to read without it").At(_source.Name, name);

    private IEnumerable<RowGroupMetadata> Groups(ParquetScan scan) => scan.RowGroups is null ? _source.Metadata.RowGroups : scan.RowGroups.Select(Group);

    private RowGroupMetadata Group(int index) => index >= 0 && index < RowGroups.Count ? _source.Metadata.RowGroups[index]
        : throw new ArgumentException($"There is no row group {index} in {_source.Name}, which has {RowGroups.Count}.");

    private async ValueTask<List<(RowGroupMetadata Group, RowSet Rows)>> PlanAsync(ParquetScan scan, IEnumerable<RowGroupMetadata> groups, CancellationToken cancellationToken)
    {
        var ranges = scan.Ranges.Select(r => (Leaf: Require(r.Column), Range: r)).Select(r => (r.Leaf, Limit(r.Leaf, r.Range.Min), Limit(r.Leaf, r.Range.Max))).ToList();
        var plan = new ScanPlan(_source, ranges);
        List<(RowGroupMetadata, RowSet)> read = [];
        foreach (var group in groups)
        {
            var rows = await plan.RowsAsync(group, cancellationToken);
            if (rows.Count > 0)
            {
                read.Add((group, rows));
            }
        }

        return read;
    }

    private static object? Limit(LeafColumn leaf, object? value) => StatisticValue.Limit(leaf.Path, leaf.Required, value);

    private async Task<ColumnBatch> ReadPlanAsync(List<LeafColumn> columns, List<(RowGroupMetadata Group, RowSet Rows)> plan, CancellationToken cancellationToken)
    {
        long rows = plan.Sum(p => p.Rows.Count);
        if (rows > Array.MaxLength)
        {
            throw new ParquetException($"{rows} rows are more than one batch holds: read it in batches").At(_source.Name);
        }

        var budget = MemoryBudget.For(_source.Bytes.Length, _source.Options.MaxBytes);
        List<ResultColumn> results = [];
        List<ChunkWork> work = [];
        foreach (var leaf in columns)
        {
            try
            {
                results.Add(ResultColumn.Of(leaf, (int)rows, _source.Options.Int96Unit, budget));
            }
            catch (ParquetException e)
            {
                throw e.At(_source.Name, leaf.Path);
            }

            foreach (var (group, part) in plan)
            {
                work.Add(await WorkAsync(group, part, leaf, results[^1], budget, cancellationToken));
            }
        }

        if (work.Count > 0)
        {
            await ChunkRun.ReadAsync(_source, work, cancellationToken);
        }

        return new ColumnBatch(new ColumnSchema(columns.Select(Field)), results.Select(r => r.Finish()));
    }

    private async ValueTask<ChunkWork> WorkAsync(RowGroupMetadata group, RowSet rows, LeafColumn leaf, ResultColumn result, MemoryBudget budget, CancellationToken cancellationToken)
    {
        var chunk = group.Columns[leaf.Index];
        var work = new ChunkWork(_source, leaf, chunk, result.Target((int)rows.Count), budget);
        if (rows.Count == group.Rows || chunk.OffsetIndexLength == 0)
        {
            work.TakeAll(rows.Count == group.Rows ? null : rows);
        }
        else
        {
            work.TakePages(await _source.OffsetIndexAsync(group, leaf, cancellationToken), rows);
        }

        return work;
    }
}
