using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Protection.Fields;
using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Protection.Rotation;
using CloudStore.Storage.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Protection.Fields;

/// <summary>What is done to tokens behind the product's back, and how it says so.</summary>
public sealed class BadTokenTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Any_flipped_bit_is_noticed_and_the_place_is_named(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var visit = await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        var token = await store.TokenAsync(visit.Id);
        for (int at = 0; at < token.Length; at++)
        {
            var flipped = (byte[])token.Clone();
            flipped[at] ^= (byte)(1 << at % 8);
            await store.SetTokenAsync(visit.Id, flipped);
            var rule = at == 0 ? (flipped[0] == FieldToken.Clear ? "in-clear" : "form") : at < FieldToken.NonceAt ? "unknown-key" : "authentic";
            var problem = await Samples.FailsAsync(ProblemKind.Unreadable, rule, () => store.Visits().FindAsync(visit.Id, Token));
            Assert.Equal("visits.prices", problem.Errors[0].Field);
            Assert.Contains(visit.Id.ToString(), problem.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("199", problem.Message.Replace(visit.Id.ToString(), "", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        await store.SetTokenAsync(visit.Id, token);
        Assert.Equal(199.90m, (await store.Visits().FindAsync(visit.Id, Token)).Mrp);
    }

    [Theory]
    [EachDatabase]
    public async Task A_token_does_not_open_in_another_row_column_or_tenant(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var one = await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        var other = await store.Visits().CreateAsync(Samples.Visit("b"), Token);
        var foreign = await store.Visits("globex").CreateAsync(Samples.Visit("a"), Token);
        await store.SetTokenAsync(other.Id, await store.TokenAsync(one.Id));
        await Samples.FailsAsync(ProblemKind.Unreadable, "authentic", () => store.Visits().FindAsync(other.Id, Token));
        await store.SetTokenAsync(other.Id, await store.TokenAsync(other.Id, "visitor"));
        await Samples.FailsAsync(ProblemKind.Unreadable, "authentic", () => store.Visits().FindAsync(other.Id, Token));
        await store.SetTokenAsync(foreign.Id, await store.TokenAsync(one.Id));
        await Samples.FailsAsync(ProblemKind.Unreadable, "owner", () => store.Visits("globex").FindAsync(foreign.Id, Token));
        await store.SqlAsync("UPDATE visits SET tenant = 'globex', natural_key = 'moved' WHERE id = @id", ("@id", one.Id));
        await Samples.FailsAsync(ProblemKind.Unreadable, "owner", () => store.Visits("globex").FindAsync(one.Id, Token));
    }

    [Theory]
    [EachDatabase]
    public async Task A_destroyed_key_takes_the_values_with_it_and_the_record_can_still_be_deleted(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var anna = await store.Visits().CreateAsync(Samples.Visit("a", person: "anna"), Token);
        var ben = await store.Visits().CreateAsync(Samples.Visit("b", person: "ben"), Token);
        Assert.Equal(1, await store.Services.GetRequiredService<KeyOperations>().DestroySubjectAsync("acme", "anna", "tester", Token));
        foreach (var read in (Func<Task>[])[() => store.Visits().FindAsync(anna.Id, Token), () => store.Visits().Query.ToListAsync(Token),
            () => store.Visits().UpdateAsync(anna.Id, null, v => v.Shop = "x", Token)])
        {
            await Samples.FailsAsync(ProblemKind.Destroyed, "destroyed-key", read);
        }

        Assert.Equal(ben.Secrets(), (await store.Visits().FindAsync(ben.Id, Token)).Secrets());
        await store.Visits().DeleteAsync(anna.Id, null, "erased", Token);
        Assert.Equal("ben", Assert.Single(await store.Visits().Query.ToListAsync(Token)).Person);
        Assert.Equal(0L, Convert.ToInt64(await store.SqlAsync("SELECT count(*) FROM data_keys WHERE subject = 'anna' AND wrapped IS NOT NULL"), null));
    }

    [Theory]
    [EachDatabase]
    public async Task A_wrapped_key_does_not_open_in_another_row_of_the_keys(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database);
        var visit = await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        await store.Visits("globex").CreateAsync(Samples.Visit("a"), Token);
        await store.SqlAsync("UPDATE data_keys SET wrapped = (SELECT k.wrapped FROM data_keys k WHERE k.owner = 'globex' AND k.purpose = 'Fields') WHERE owner = 'acme' AND purpose = 'Fields'");
        store.Ring.Forget();
        await Samples.FailsAsync(ProblemKind.Unreadable, "master-key", () => store.Visits().FindAsync(visit.Id, Token));
    }

    [Theory]
    [EachDatabase]
    public async Task Values_that_were_written_in_clear_are_read_in_development_and_refused_in_production(Database database)
    {
        await using var store = await ProtectedStore.OpenAsync(database, environment: "Development", settings: ("Protection:Enabled", "false"));
        var visit = await store.Visits().CreateAsync(Samples.Visit("a"), Token);
        Assert.Equal(FieldToken.Clear, (await store.TokenAsync(visit.Id))[0]);
        Assert.Equal(visit.Secrets(), (await store.Visits().FindAsync(visit.Id, Token)).Secrets());
        await using var enabled = await ProtectedStore.OpenAsync(database, sharing: store, environment: "Development");
        Assert.Equal(visit.Secrets(), (await enabled.Visits().FindAsync(visit.Id, Token)).Secrets());
        await using var production = await ProtectedStore.OpenAsync(database, sharing: store);
        await Samples.FailsAsync(ProblemKind.Unreadable, "in-clear", () => production.Visits().FindAsync(visit.Id, Token));
        // A value that is set anew is encrypted.
        await enabled.Visits().UpdateAsync(visit.Id, null, v => (v.Mrp, v.Email) = (1m, "x"), Token);
        Assert.Equal(1m, (await production.Visits().FindAsync(visit.Id, Token)).Mrp);
    }

    [Fact]
    public async Task Protection_cannot_be_turned_off_in_production()
    {
        var failure = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => ProtectedStore.OpenAsync(Database.Sqlite, settings: ("Protection:Enabled", "false")));
        Assert.Contains("Protection:Enabled", failure.Message, StringComparison.Ordinal);
    }
}
