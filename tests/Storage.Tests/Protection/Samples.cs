using CloudStore.ProtectedSample;
using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Tests.Protection;

/// <summary>Visits and what tests expect of them.</summary>
internal static class Samples
{
    public static Visit Visit(string key, decimal mrp = 199.90m, string? person = null) => new()
    {
        NaturalKey = key,
        Person = person,
        Shop = "Pune 4",
        Mrp = mrp,
        SellingPrice = mrp - 20,
        Email = $"{key}@example.org",
        Points = 1_234_567,
        Age = 41,
        Score = 0.25,
        Member = true,
        BornAt = new DateTime(1985, 5, 6, 0, 0, 0, DateTimeKind.Utc),
        Card = new Guid("0190163d-8694-739b-aea5-966c26f8ad91"),
    };

    /// <summary>Everything that is encrypted of a visit.</summary>
    public static (decimal, decimal?, string?, long, int?, double, bool, DateTime?, Guid) Secrets(this Visit v) =>
        (v.Mrp, v.SellingPrice, v.Email, v.Points, v.Age, v.Score, v.Member, v.BornAt, v.Card);

    public static async Task<ProblemException> FailsAsync(ProblemKind kind, string rule, Func<Task> act)
    {
        var problem = await Assert.ThrowsAsync<ProblemException>(act);
        Assert.Equal((kind, rule), (problem.Kind, Assert.Single(problem.Errors).Rule));
        return problem;
    }
}
