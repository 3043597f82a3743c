using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Imports.Reading;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace CloudStore.Storage.Exports;

/// <summary>Reads <see cref="ExportOptions"/> from a query string; lists are written as in imports.</summary>
public static class ExportQuery
{
    /// <summary>The parameters that every source has, behind which come its filters.</summary>
    public static readonly IReadOnlyList<string> Own = ["format", "compress", "columns", "encrypt", "formulaPrefix"];

    /// <exception cref="ProblemException">A parameter is unknown or cannot be read; all such faults are listed.</exception>
    public static ExportOptions Parse(ExportSource source, IQueryCollection query)
    {
        var errors = new List<ProblemError>();
        var filters = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in query)
        {
            if (source.Filters.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } filter)
            {
                filters[filter.Name] = value;
            }
            else if (!Own.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                errors.Add(new ProblemError(name, "unknown", $"There is no parameter '{name}'; there are {string.Join(", ", Own.Concat(source.Filters.Select(f => f.Name)))}."));
            }
        }

        var options = new ExportOptions
        {
            Format = Format(query["format"], errors),
            Gzip = Gzip(query["compress"], errors),
            Columns = [.. ImportQuery.Items(query["columns"])],
            Encrypt = ImportQuery.Encrypted("encrypt", query["encrypt"], errors),
            FormulaPrefix = ImportQuery.Flag("formulaPrefix", query["formulaPrefix"], errors) ?? true,
            Filters = filters,
        };
        return errors.Count == 0 ? options : throw new ProblemException(ProblemKind.Invalid, errors[0].Message, errors);
    }

    private static FileFormat Format(StringValues value, List<ProblemError> errors) => ImportQuery.Text(value)?.ToLowerInvariant() switch
    {
        null or "csv" => FileFormat.Csv,
        "jsonl" or "ndjson" or "jsonlines" => FileFormat.JsonLines,
        var other => ImportQuery.Fault<FileFormat>(errors, "format", "known-format", $"There is no format '{other}'; there are csv and jsonl."),
    };

    private static bool Gzip(StringValues value, List<ProblemError> errors) => ImportQuery.Text(value)?.ToLowerInvariant() switch
    {
        null or "none" => false,
        "gzip" => true,
        var other => ImportQuery.Fault<bool>(errors, "compress", "known-compression", $"compress is gzip or none, not '{other}'."),
    };
}
