using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records.Idempotency;
using CloudStore.Storage.Operations.Lifecycle;
using CloudStore.Storage.Tests.Imports.Jobs;
using CloudStore.Storage.Tests.Records;
using CloudStore.ServiceDefaults.Problems;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Protection.Rotation;

/// <summary>Ciphertext with a data key's id that is in no record: kept answers, the archive, staged contents.</summary>
public sealed class OtherPlacesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Kept_answers_come_under_the_new_key_and_are_given_as_before(Database database)
    {
        await using var store = await OpenAsync(database);
        var answers = store.Services.GetRequiredService<IdempotencyStore>();
        // More than are renewed at a time.
        for (int i = 0; i < 230; i++)
        {
            await KeepAsync(answers, "acme", $"key{i}", $"body{i}");
        }

        await KeepAsync(answers, "globex", "key0", "theirs");
        var old = Assert.Single(await RotationTests.KeyIdsAsync(store));
        Assert.Equal(230, await CarryingAsync(store, old));
        var done = await RotationTests.RotateAsync(store, "acme");
        Assert.Equal((RotationState.Succeeded, 230L, 0L), (done.State, done.RowsEncrypted, done.RowsUnreadable));
        Assert.Equal(0, await CarryingAsync(store, old));
        Assert.Equal("body229", await RepeatAsync(answers, "acme", "key229"));
        Assert.Equal("theirs", await RepeatAsync(answers, "globex", "key0"));
        await store.Services.GetRequiredService<KeyOperations>().DestroyAsync(old, "acme", "tester", cancellationToken: Token);
        Assert.Equal("body0", await RepeatAsync(answers, "acme", "key0"));
    }

    [Theory]
    [EachDatabase]
    public async Task A_kept_answer_that_does_not_open_is_counted_and_left(Database database)
    {
        await using var store = await OpenAsync(database);
        var answers = store.Services.GetRequiredService<IdempotencyStore>();
        await KeepAsync(answers, "acme", "a", "one");
        await KeepAsync(answers, "acme", "b", "two");
        var token = (byte[])(await store.SqlAsync("SELECT body FROM idempotency_keys WHERE key = 'a'"))!;
        await store.SqlAsync("UPDATE idempotency_keys SET body = @body WHERE key = 'b'", ("@body", token));
        var done = await RotationTests.RotateAsync(store, null);
        Assert.Equal((1L, 1L), (done.RowsEncrypted, done.RowsUnreadable));
        Assert.Contains("'idempotency_keys'", done.Problem!, StringComparison.Ordinal);
        Assert.Equal(token, await store.SqlAsync("SELECT body FROM idempotency_keys WHERE key = 'b'"));
    }

    [Theory]
    [EachDatabase]
    public async Task Archived_rows_come_under_the_new_keys_their_persons_included(Database database)
    {
        await using var store = await OpenAsync(database);
        for (int i = 0; i < 6; i++)
        {
            await store.Visits().CreateAsync(Samples.Visit($"k{i}", person: i % 2 == 0 ? "anna" : null), Token);
        }

        await store.Visits("globex").CreateAsync(Samples.Visit("theirs"), Token);
        await ArchiveAllAsync(store);
        var before = Archived(store, "acme");
        var theirs = Archived(store, "globex").Single().ToJsonString();
        var old = await RotationTests.KeyIdsAsync(store);
        Assert.Equal(2, old.Count);
        var done = await RotationTests.RotateAsync(store, "acme");
        Assert.Equal((RotationState.Succeeded, 6L), (done.State, done.RowsEncrypted));
        foreach (var id in old)
        {
            await store.Services.GetRequiredService<KeyOperations>().DestroyAsync(id, "acme", "tester", cancellationToken: Token);
        }

        var after = Archived(store, "acme");
        Assert.Equal(before.Select(Plain), after.Select(Plain));
        Assert.All(after, row => Assert.DoesNotContain(FieldToken.KeyId(Bytes(row, "prices")), old));
        Assert.Equal(theirs, Archived(store, "globex").Single().ToJsonString());
        var prices = new FieldReader();
        store.Services.GetRequiredService<FieldCipher>().Open(new FieldPlace("acme", "visits", "prices"), IdOf(after[0]), Bytes(after[0], "prices"), prices);
        Assert.Equal("anna", store.Ring.Find(FieldToken.KeyId(Bytes(after[0], "visitor"))).Key!.Subject);
    }

    [Theory]
    [EachDatabase]
    public async Task A_key_is_not_destroyed_while_something_needs_it_unless_that_is_wanted(Database database)
    {
        await using var store = await OpenAsync(database);
        var keys = store.Services.GetRequiredService<KeyOperations>();
        await store.Visits().CreateAsync(Samples.Visit("archived"), Token);
        await ArchiveAllAsync(store);
        var visit = await store.Visits().CreateAsync(Samples.Visit("stored"), Token);
        await KeepAsync(store.Services.GetRequiredService<IdempotencyStore>(), "acme", "a", "one");
        var old = Assert.Single(await RotationTests.KeyIdsAsync(store));
        Assert.Contains("is in use", (await RefusedAsync(keys, old)).Message, StringComparison.Ordinal);
        var rotation = await keys.RotateAsync("acme", "tester", cancellationToken: Token);
        Assert.Contains("by a rotation", (await RefusedAsync(keys, old)).Message, StringComparison.Ordinal);
        // As where a backup was put back after the rotation.
        await store.SqlAsync("UPDATE key_rotations SET state = 'Succeeded' WHERE id = @id", ("@id", rotation.Id));
        var refused = (await RefusedAsync(keys, old)).Message;
        Assert.All(["1 rows of idempotency_keys.body", "1 rows of visits.prices", "1 rows of visits.visitor", "1 archived rows"], use => Assert.Contains(use, refused, StringComparison.Ordinal));
        Assert.Equal(visit.Secrets(), (await store.Visits().FindAsync(visit.Id, Token)).Secrets());
        Assert.Equal(KeyState.Destroyed, (await keys.DestroyAsync(old, "acme", "tester", withData: true, Token)).State);
        Assert.Equal(ProblemKind.Destroyed, (await Assert.ThrowsAsync<ProblemException>(() => store.Visits().FindAsync(visit.Id, Token))).Kind);
    }

    [Theory]
    [EachDatabase]
    public async Task A_key_is_not_destroyed_while_the_file_of_an_import_that_waits_needs_it(Database database)
    {
        await using var store = await ImportStore.OpenAsync(database, settings: []);
        var keys = store.Services.GetRequiredService<KeyOperations>();
        var (job, _) = await store.EnqueueAsync("campaign_id,name\na,A\n");
        var old = (await keys.ListAsync("acme", Token)).Single(k => k.Purpose == KeyPurpose.Fields).Id;
        var rotation = await keys.RotateAsync("acme", "tester", cancellationToken: Token);
        Assert.True(await store.Services.GetRequiredService<RotationRunner>().RunAsync(rotation.Id, null, Token));
        Assert.Contains("is needed by 1 imports that have not ended;", (await RefusedAsync(keys, old)).Message, StringComparison.Ordinal);
        await store.WorkAsync();
        Assert.Equal(1, (await store.JobAsync(job.Id)).RowsLoaded);
        Assert.Equal(KeyState.Destroyed, (await keys.DestroyAsync(old, "acme", "tester", cancellationToken: Token)).State);
    }

    internal static Task<ProtectedStore> OpenAsync(Database database) => ProtectedStore.OpenAsync(database, configure: services =>
    {
        services.AddIdempotency();
        services.AddLifecycle();
    }, settings: ("Retention:Days:visits", "1"));

    private static async Task<ProblemException> RefusedAsync(KeyOperations keys, Guid key)
    {
        var problem = await Assert.ThrowsAsync<ProblemException>(() => keys.DestroyAsync(key, "acme", "tester", cancellationToken: Token));
        Assert.Equal(ProblemKind.Conflict, problem.Kind);
        return problem;
    }

    private static async Task KeepAsync(IdempotencyStore answers, string tenant, string key, string body)
    {
        var outcome = await answers.ClaimAsync(tenant, key, "POST /v1/campaigns", [1], Token);
        Assert.True(await answers.CompleteAsync(outcome.Claim!, new IdempotentAnswer(201, "text/plain", null, null, Encoding.UTF8.GetBytes(body)), Token));
    }

    private static async Task<string> RepeatAsync(IdempotencyStore answers, string tenant, string key) =>
        Encoding.UTF8.GetString((await answers.ClaimAsync(tenant, key, "POST /v1/campaigns", [1], Token)).Answer!.Body!);

    private static async Task<long> CarryingAsync(ProtectedStore store, Guid key) =>
        Convert.ToInt64(await store.SqlAsync("SELECT count(*) FROM idempotency_keys WHERE substr(body, 2, 16) = @key", ("@key", key.ToByteArray(true))), null);

    internal static async Task ArchiveAllAsync(ProtectedStore store, string keys = "%")
    {
        var back = store.ConnectionString is null ? "864000000000" : "interval '10 days'";
        await store.SqlAsync($"UPDATE visits SET created_at = created_at - {back} WHERE natural_key LIKE @keys", ("@keys", keys));
        await using var scope = store.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Retention>().RunAsync(Token);
    }

    internal static List<JsonObject> Archived(ProtectedStore store, string tenant) =>
    [
        .. Directory.GetFiles(Path.Combine(store.Folder, "archive", "visits", tenant), "*.ndjson.gz").SelectMany(file =>
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!.AsObject());
        }),
    ];

    internal static byte[] Bytes(JsonObject row, string column) => Convert.FromBase64String((string)row[column]!);

    private static Guid IdOf(JsonObject row) => ArchiveFile.IdOf(Encoding.UTF8.GetBytes(row.ToJsonString()));

    // All that is not a token.
    private static string Plain(JsonObject row) => string.Join(' ', row.Where(p => p.Key is not ("prices" or "visitor")).Select(p => p.Value?.ToJsonString()));
}
