using CloudStore.ProtectedSample;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Records.Bulk;
using CloudStore.Storage.Tests.Protection.Rotation;
using CloudStore.Storage.Tests.Records;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Protection.Fields;

/// <summary>However a row comes to name a person, its tokens are under that person's key: destroying the key takes this row, and nobody else's.</summary>
public sealed class PersonKeyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task A_record_that_names_somebody_else_goes_with_their_key_and_not_with_the_former_persons(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var visit = await store.Visits().CreateAsync(Samples.Visit("a", person: "anna"), Token);
        Assert.Equal(2, (await store.Visits().UpdateAsync(visit.Id, null, v => v.Person = "bert", Token)).Revision);
        Assert.Equal(("bert", "bert"), await SubjectsAsync(store, visit.Id));
        await DestroyAsync(store, "anna");
        Assert.Equal(visit.Secrets(), (await store.Visits().FindAsync(visit.Id, Token)).Secrets());
        await store.Visits().UpdateAsync(visit.Id, null, v => v.Person = null, Token);
        Assert.Equal(("", ""), await SubjectsAsync(store, visit.Id));
        await store.Visits().UpdateAsync(visit.Id, null, v => v.Person = "bert", Token);
        await DestroyAsync(store, "bert");
        Assert.Equal(ProblemKind.Destroyed, (await Assert.ThrowsAsync<ProblemException>(() => store.Visits().FindAsync(visit.Id, Token))).Kind);
    }

    [Theory]
    [EachDatabase]
    public async Task A_bulk_update_that_does_not_name_the_person_keeps_the_row_under_the_stored_ones_key(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var visit = await store.Visits().CreateAsync(Samples.Visit("a", 100m, "anna"), Token);
        await BulkAsync(store, new Visit { NaturalKey = "a", Mrp = 150m }, nameof(Visit.Mrp));
        Assert.Equal(("anna", "anna"), await SubjectsAsync(store, visit.Id));
        var read = await store.Visits().FindAsync(visit.Id, Token);
        Assert.Equal((150m, 80m, "anna"), (read.Mrp, read.SellingPrice, read.Person));
        await DestroyAsync(store, "anna");
        Assert.Equal(ProblemKind.Destroyed, (await Assert.ThrowsAsync<ProblemException>(() => store.Visits().FindAsync(visit.Id, Token))).Kind);
    }

    [Theory]
    [EachDatabase]
    public async Task A_bulk_update_of_the_person_alone_puts_every_token_under_their_key(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var visit = await store.Visits().CreateAsync(Samples.Visit("a", person: "anna"), Token);
        await BulkAsync(store, new Visit { NaturalKey = "a", Person = "bert" }, nameof(Visit.Person));
        Assert.Equal(("bert", "bert"), await SubjectsAsync(store, visit.Id));
        await DestroyAsync(store, "anna");
        var read = await store.Visits().FindAsync(visit.Id, Token);
        Assert.Equal((visit.Secrets(), "bert", "Pune 4"), (read.Secrets(), read.Person, read.Shop));
    }

    [Theory]
    [EachDatabase]
    public async Task A_rotation_puts_rows_under_the_key_of_the_person_they_name_archived_ones_as_well(Database database)
    {
        await using var store = await OtherPlacesTests.OpenAsync(database);
        await store.Visits().CreateAsync(Samples.Visit("archived", person: "anna"), Token);
        var visit = await store.Visits().CreateAsync(Samples.Visit("stored", person: "anna"), Token);
        // As older versions left rows whose person was changed.
        await store.SqlAsync("UPDATE visits SET person = 'bert'");
        await OtherPlacesTests.ArchiveAllAsync(store, "archived");
        await RotationTests.RotateAsync(store, "acme");
        Assert.Equal(("bert", "bert"), await SubjectsAsync(store, visit.Id));
        Assert.Equal("bert", Subject(store, OtherPlacesTests.Bytes(Assert.Single(OtherPlacesTests.Archived(store, "acme")), "prices")));
        await DestroyAsync(store, "anna");
        Assert.Equal(visit.Secrets(), (await store.Visits().FindAsync(visit.Id, Token)).Secrets());
    }

    private static Task BulkAsync(ProtectedStore store, Visit row, params string[] named) =>
        new BulkWriter<Visit>(store.Context()).WriteAsync([row], ConflictMode.Update, named.ToHashSet(), Token);

    private static async Task DestroyAsync(ProtectedStore store, string person) =>
        Assert.InRange(await store.Services.GetRequiredService<KeyOperations>().DestroySubjectAsync("acme", person, "tester", Token), 1, int.MaxValue);

    private static async Task<(string, string)> SubjectsAsync(ProtectedStore store, Guid id) => (Subject(store, await store.TokenAsync(id)), Subject(store, await store.TokenAsync(id, "visitor")));

    private static string Subject(ProtectedStore store, byte[] token) => store.Ring.Find(FieldToken.KeyId(token)).Key!.Subject;
}
