using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Files;
using CloudStore.Storage.Files.Cobblestone;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Records;
using CloudStore.Storage.Records.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Operations.Persons;

/// <summary>What an export has in it; its last entry, <c>manifest.json</c>.</summary>
/// <param name="Person">Whose.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="Records">Records of each type; they are in <c>records/TYPE.json</c>.</param>
/// <param name="Files">Files; they are <c>files/ID/NAME</c>.</param>
/// <param name="Unreadable">Ids of files whose content is missing or damaged, up to a thousand.</param>
public sealed record ExportManifest(string Person, DateTime CreatedAt, IReadOnlyDictionary<string, long> Records, long Files, IReadOnlyList<Guid> Unreadable);

/// <summary>
/// Writes all there is of a person as a zip, entry after entry: the records of each type that is about persons as an array of JSON objects, deleted ones with the time they were deleted, and
/// the contents of their files. Keys, tokens and hashes stay here.
/// </summary>
/// <param name="context">For the tenant.</param>
public sealed class PersonZip(StoreContext context, FileService files, IServiceScopeFactory scopes, TimeProvider time)
{
    private const string Deleted = "deletedAt";
    private const int MostUnreadable = 1000;
    private static readonly TimeSpan Tell = TimeSpan.FromMilliseconds(300);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JsonText.Encoder,
        Converters = { new PlainDecimalConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutBytes, AddDeletion } },
    };

    private readonly List<Guid> _unreadable = [];
    private long _rows, _files, _bytes, _told;

    /// <summary>The files that an export has in it: not other exports, nor what has expired.</summary>
    internal static IQueryable<StoredFile> FilesOf(IQueryable<StoredFile> all, string person, DateTime now) =>
        all.Where(f => f.Owner == person && (f.Tags == null || !f.Tags.Contains($"\n{PersonExport.Tag}\n")) && (f.ExpiresAt == null || f.ExpiresAt > now));

    /// <param name="output">Written from beginning to end; it need not seek.</param>
    public async Task WriteAsync(PersonJob job, string person, Stream output, CancellationToken cancellationToken = default)
    {
        await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var type in RecordType.All(context.Model).Where(t => t.SubjectProperty is not null))
        {
            if (await WriteRecordsAsync(zip, type, job, person, cancellationToken) is > 0 and var count)
            {
                counts.Add(type.Name, count);
            }
        }

        await WriteFilesAsync(zip, job, person, cancellationToken);
        var manifest = new ExportManifest(person, context.Now(), counts, _files, _unreadable);
        await using (var entry = await NewEntry(zip, "manifest.json", context.Now()).OpenAsync(cancellationToken))
        {
            await JsonSerializer.SerializeAsync(entry, manifest, PersonsJson.Default.ExportManifest, cancellationToken);
        }

        await TellAsync(job, cancellationToken, now: true);
    }

    private async Task<long> WriteRecordsAsync(ZipArchive zip, RecordType type, PersonJob job, string person, CancellationToken cancellationToken)
    {
        long count = 0;
        Stream? entry = null;
        try
        {
            await foreach (var record in type.ReadAsync(context, job.Tenant, person, cancellationToken))
            {
                entry ??= await NewEntry(zip, $"records/{type.Name}.json", context.Now()).OpenAsync(cancellationToken);
                await entry.WriteAsync(count++ == 0 ? "[\n"u8.ToArray() : ",\n"u8.ToArray(), cancellationToken);
                await entry.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(record, record.GetType(), Json), cancellationToken);
                _rows++;
                await TellAsync(job, cancellationToken);
            }

            if (entry is not null)
            {
                await entry.WriteAsync("\n]\n"u8.ToArray(), cancellationToken);
            }
        }
        finally
        {
            await (entry?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        return count;
    }

    private async Task WriteFilesAsync(ZipArchive zip, PersonJob job, string person, CancellationToken cancellationToken)
    {
        const int Page = 100;
        var after = Guid.Empty;
        while (true)
        {
            var last = after;
            var page = await FilesOf(context.Set<StoredFile>(), person, context.Now()).Where(f => f.Id > last).OrderBy(f => f.Id).Take(Page).AsNoTracking().ToListAsync(cancellationToken);
            foreach (var file in page)
            {
                await WriteFileAsync(zip, job, file, cancellationToken);
            }

            if (page.Count < Page)
            {
                return;
            }

            after = page[^1].Id;
        }
    }

    // One damaged file must not keep the person from the others.
    private async Task WriteFileAsync(ZipArchive zip, PersonJob job, StoredFile file, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = await files.OpenAsync(file, whole: true, cancellationToken: cancellationToken);
            var compression = file.Type is "audio/mpeg" or "audio/ogg" or "application/zip" or "application/gzip" ? CompressionLevel.NoCompression : CompressionLevel.Fastest;
            await using var entry = await NewEntry(zip, $"files/{file.Id}/{NameOf(file)}", file.CreatedAt, compression).OpenAsync(cancellationToken);
            var buffer = new byte[128 << 10];
            while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                await entry.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                _bytes += read;
                await TellAsync(job, cancellationToken);
            }
        }
        catch (Exception e) when (e is DamagedContentException || (e is ProblemException p && p.Kind == ProblemKind.Unreadable))
        {
            if (_unreadable.Count < MostUnreadable)
            {
                _unreadable.Add(file.Id);
            }
        }

        _files++;
        await TellAsync(job, cancellationToken);
    }

    private async Task TellAsync(PersonJob job, CancellationToken cancellationToken, bool now = false)
    {
        if (now || time.GetElapsedTime(_told) >= Tell)
        {
            _told = time.GetTimestamp();
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<PersonJobQueue>().ProgressAsync(job, _rows, _files, _bytes, cancellationToken);
        }
    }

    private static ZipArchiveEntry NewEntry(ZipArchive zip, string name, DateTime at, CompressionLevel compression = CompressionLevel.Optimal)
    {
        var entry = zip.CreateEntry(name, compression);
        entry.LastWriteTime = new DateTimeOffset(at);
        return entry;
    }

    // As it can be unpacked anywhere: the rules of names keep folders out already, and some systems take no more than this.
    private static string NameOf(StoredFile file)
    {
        var name = string.Concat((file.Name ?? "").Select(c => c is '<' or '>' or ':' or '"' or '|' or '?' or '*' or '/' or '\\' || char.IsControl(c) ? '_' : c)).TrimEnd('.', ' ');
        return name.Length == 0 ? "content" : name;
    }

    private static void LeaveOutBytes(JsonTypeInfo type)
    {
        for (int i = type.Properties.Count - 1; i >= 0; i--)
        {
            // Nothing is read back.
            type.Properties[i].IsRequired = false;
            if (type.Properties[i].PropertyType == typeof(byte[]))
            {
                type.Properties.RemoveAt(i);
            }
        }
    }

    private static void AddDeletion(JsonTypeInfo type)
    {
        if (type.Type.IsAssignableTo(typeof(Record)) && type.Kind == JsonTypeInfoKind.Object)
        {
            // Answers leave it out: what is deleted is not there.
            if (type.Properties.FirstOrDefault(p => p.Name == Deleted) is { } left)
            {
                type.Properties.Remove(left);
            }

            var deleted = type.CreateJsonPropertyInfo(typeof(DateTime?), Deleted);
            deleted.Get = record => ((Record)record).DeletedAt;
            deleted.ShouldSerialize = static (_, at) => at is not null;
            deleted.Order = 99;
            type.Properties.Add(deleted);
        }
    }
}
