using System.Text;
using System.Text.Json;
using CloudStore.Storage.Campaigns;
using CloudStore.Storage.Exports;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Jobs;
using CloudStore.Storage.Imports.Targets;
using CloudStore.Storage.Protection.Fernet;
using CloudStore.Storage.Records;
using CloudStore.Storage.Retail.Sales;
using CloudStore.Storage.Tests.Imports.Jobs;
using CloudStore.Storage.Tests.Protection.Fernet;
using CloudStore.Storage.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudStore.Storage.Tests.Exports;

/// <summary>What is importable is exportable, and what was exported comes back as it was.</summary>
public sealed class RoundTripTests
{
    // Text as files must not mind: separators, quotes, line ends, formulas, apostrophes, letters of many scripts.
    private static readonly string[] Texts =
    [
        "plain", "a,b;c|d", "say \"hi\"", "=1+1", "+49 30", "-x", "@SUM(A1)", "'=1+1", "''-x", "'tis", "＝1", "₹ 1,299 – चाय 🫖", "null", "-", "N/A", "1e5", "2026-01-31", "{not json",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static MatrixTheoryData<Database, string> Forms() => new(Enum.GetValues<Database>(), ["", "format=jsonl", "compress=gzip", "format=jsonl&compress=gzip"]);

    [Fact]
    public async Task Every_import_target_is_an_export_source_with_the_same_columns()
    {
        await using var store = await ImportStore.OpenAsync(Database.Sqlite);
        var sources = store.Services.GetRequiredService<ExportSources>();
        var targets = store.Services.GetRequiredService<ImportTargets>();
        Assert.Equal(targets.All.Select(t => t.Name), sources.All.Select(s => s.Name));
        Assert.All(targets.All, t => Assert.Equal(t.Fields, sources.Get(t.Name).Columns));
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task Campaigns_come_back_as_they_were_under_their_keys(Database database, string form)
    {
        await using var store = await ImportStore.OpenAsync(database);
        await AddAsync(store, Texts.Select((text, i) => new Campaign
        {
            CampaignId = $"c-{i}",
            CampaignName = text,
            Platform = i % 2 == 0 ? "meta" : "",
            Channel = i % 3 == 0 ? "social" : "",
            Spend = i % 4 == 0 ? null : 1.234m * i,
            Impressions = 1_000_000L * i,
            Clicks = i,
            Conversions = 0.1250m,
            Revenue = 1_234m,
            GivenCtr = i % 2 == 0 ? null : 0.0001m,
            Date = i % 5 == 0 ? null : new DateTime(2026, 1, 31, i, 30, 0, DateTimeKind.Utc).AddTicks(i * 10),
            FunnelStage = i % 2 == 0 ? null : "awareness",
            AdditionalData = (i % 4) switch { 0 => null, 1 => "{}", 2 => $$"""{"t":{{JsonSerializer.Serialize(text)}},"n":[1,2.50,null]}""", _ => "{\n  \"lines\": 2\n}" },
        }), (c, i) =>
        {
            c.NaturalKey = i % 6 == 0 ? $"own|{c.CampaignName}" : CampaignKey.Default(c);
            CampaignDefaults.Fill(c);
        });
        await store.LoadAsync(await store.ExportAsync($"campaigns?{form}"), new ImportOptions { FormulaPrefix = true }, "other");
        Assert.Equal(await RowsAsync<Campaign>(store, "acme"), await RowsAsync<Campaign>(store, "other"));

        var again = await store.LoadAsync(await store.ExportAsync($"campaigns?{form}", "other"), new ImportOptions { FormulaPrefix = true, Force = true });
        Assert.Equal((Texts.Length, 0, Texts.Length, 0, 0), ImportStore.Counts(again));
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task Sales_come_back_as_they_were_with_their_prices(Database database, string form)
    {
        await using var store = await ImportStore.OpenAsync(database);
        await AddAsync(store, Texts.Select((text, i) => new Sale
        {
            ProductId = $"p-{i}",
            ProductName = text,
            StoreId = i % 2 == 0 ? null : "S|1",
            InvoiceId = $"INV,{i}",
            CustomerId = i % 3 == 0 ? null : $"C-{i}",
            Quantity = i % 4 == 0 ? null : i - 3.5m,
            Mrp = 1.299m,
            SellingPrice = i % 2 == 0 ? null : 1_234.567m,
            Currency = "INR",
            SoldAt = i % 5 == 0 ? null : new DateTime(2026, 3, 4, 0, i, 0, DateTimeKind.Utc),
            Metadata = i % 2 == 0 ? null : $$"""{"note":{{JsonSerializer.Serialize(text)}}}""",
        }), (s, i) =>
        {
            SaleDefaults.Fill(s);
            s.NaturalKey = i % 6 == 0 ? $"own|{s.ProductName}" : SaleKey.Default(s);
        });
        await store.LoadAsync(await store.ExportAsync($"retail.sales?{form}"), new ImportOptions { Target = "retail.sales", FormulaPrefix = true }, "other");
        Assert.Equal(await RowsAsync<Sale>(store, "acme"), await RowsAsync<Sale>(store, "other"));
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task Queries_and_model_usage_come_back_as_they_were(Database database, string form)
    {
        await using var store = await ImportStore.OpenAsync(database);
        await AddAsync(store, Texts.Select((text, i) => new QueryHistory
        {
            Question = text, Answer = $"{text}\nline two\r\n\tand \"three\"", Sources = i % 2 == 0 ? null : """["a",{"b":1}]""", Latency = 12.5m, Feedback = i % 3 - 1, FeedbackText = i % 2 == 0 ? null : text,
        }));
        await AddAsync(store, Texts.Select((text, i) => new LlmUsage
        {
            Provider = text, Model = "m", PromptTokens = i, CompletionTokens = 2, TotalTokens = i + 2, Cost = 0.000125m, Operation = null, Latency = i, At = new DateTime(2026, 1, 31, 9, 30, i, 7, DateTimeKind.Utc),
        }));
        await store.LoadAsync(await store.ExportAsync($"queries?{form}"), new ImportOptions { Target = "queries", FormulaPrefix = true }, "other");
        await store.LoadAsync(await store.ExportAsync($"llm-usage?{form}"), new ImportOptions { Target = "llm-usage", FormulaPrefix = true }, "other");
        Assert.Equal(await RowsAsync<QueryHistory>(store, "acme"), await RowsAsync<QueryHistory>(store, "other"));
        Assert.Equal(await RowsAsync<LlmUsage>(store, "acme"), await RowsAsync<LlmUsage>(store, "other"));
    }

    [Theory, EachDatabase]
    public async Task Encrypted_columns_come_back_through_decrypt(Database database)
    {
        var key = FernetKey.Generate().Export();
        await using var store = await ImportStore.OpenAsync(database, configure: s => s.Configure<FernetOptions>(o => o.FernetKeys.Add(key)));
        await AddAsync(store, Enumerable.Range(0, 5).Select(i => new Sale { ProductId = $"p-{i}", ProductName = "=1+1", Mrp = i == 3 ? null : 1.299m + i, Metadata = """{"a":"b"}""" }), (s, _) => s.NaturalKey = SaleKey.Default(s));
        foreach (var form in (string[])["csv", "jsonl"])
        {
            var file = await store.ExportAsync($"retail.sales?format={form}&encrypt=fernet:mrp,metadata,productName");
            var text = Encoding.UTF8.GetString(file);
            Assert.DoesNotContain("299", text, StringComparison.Ordinal);
            Assert.DoesNotContain("=1", text, StringComparison.Ordinal);
            await store.LoadAsync(file, new ImportOptions { Target = "retail.sales", Decrypt = ["mrp", "metadata", "productName"], FormulaPrefix = true }, $"other-{form}");
            Assert.Equal(await RowsAsync<Sale>(store, "acme"), await RowsAsync<Sale>(store, $"other-{form}"));
        }
    }

    [Fact]
    public async Task Python_reads_the_file_and_its_tokens()
    {
        var key = FernetKey.Generate().Export();
        await using var store = await ImportStore.OpenAsync(Database.Sqlite, configure: s => s.Configure<FernetOptions>(o => o.FernetKeys.Add(key)));
        await AddAsync(store, [new Sale { ProductId = "p", ProductName = "say \"hi\",\u00a0ok", Mrp = 1_299.50m, SellingPrice = null }], (s, _) => s.NaturalKey = SaleKey.Default(s));
        var file = Path.Combine(store.Folder, "sales.csv");
        await File.WriteAllBytesAsync(file, await store.ExportAsync("retail.sales?encrypt=fernet:mrp,sellingPrice"), Token);
        const string script = """
            import csv, sys
            from cryptography.fernet import Fernet
            row = next(csv.DictReader(open(sys.argv[2], encoding='utf-8', newline='')))
            print(row['productName'], Fernet(sys.argv[1]).decrypt(row['mrp'].encode(), ttl=600).decode(), repr(row['sellingPrice']), sep='|')
            """;
        Assert.Equal("say \"hi\",\u00a0ok|1299.5|''", (await MultiFernetTests.PythonAsync(script, key, file)).Trim());
    }

    private static Task<int> AddAsync<T>(ImportStore store, IEnumerable<T> rows, Action<T, int>? complete = null)
        where T : Storage.Records.Record => store.AsAsync<StoreContext, int>(async context =>
        {
            foreach (var (i, row) in rows.Index())
            {
                complete?.Invoke(row, i);
                row.Id = RecordId.Next(TimeProvider.System);
                context.Add(row);
            }

            return await context.SaveChangesAsync(Token);
        });

    // Every property of the type's own, documents without their spaces. Imports add rows in the order of their keys, not of the file.
    private static Task<string[]> RowsAsync<T>(ImportStore store, string tenant)
        where T : Storage.Records.Record => store.AsAsync<StoreContext, string[]>(
        async context =>
        {
            var properties = typeof(T).GetProperties().Where(p => p.DeclaringType == typeof(T) && p.SetMethod is not null && p.Name != nameof(Sale.Prices)).ToList();
            var rows = await context.Set<T>().AsNoTracking().ToListAsync(Token);
            Assert.NotEmpty(rows);
            return [.. rows.Select(r => string.Join('\u001f', properties.Select(p => $"{p.Name}={Shown(p.GetValue(r))}"))).Order(StringComparer.Ordinal)];
        },
        tenant);

    private static string? Shown(object? value) => value switch
    {
        string text when text.StartsWith('{') && text.EndsWith('}') => JsonSerializer.Serialize(JsonElement.Parse(text)),
        string text when text.StartsWith('[') => JsonSerializer.Serialize(JsonElement.Parse(text)),
        DateTime instant => $"{instant:O}",
        decimal number => $"{number / 1.0000000000000000000000000000m}",
        _ => value?.ToString(),
    };
}
