using System.Globalization;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Records.Bulk;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace CloudStore.Storage.Imports;

/// <summary>Reads <see cref="ImportOptions"/> from a query string. Lists are separated by commas; a comma inside a name is written <c>\,</c>.</summary>
public static class ImportQuery
{
    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "target", "format", "delimiter", "onConflict", "key", "map", "set", "scale", "decrypt", "formulaPrefix", "dateFormat", "maxRejects", "force", "batchRows", "batchMilliseconds",
    };

    /// <exception cref="ProblemException">A parameter is unknown or cannot be read; all such faults are listed.</exception>
    public static ImportOptions Parse(string? target, IQueryCollection query)
    {
        var errors = new List<ProblemError>();
        foreach (var name in query.Keys.Where(k => !Known.Contains(k)))
        {
            errors.Add(new ProblemError(name, "known-parameter", $"There is no parameter '{name}'; there are {string.Join(", ", Known.Take(13))}."));
        }

        var options = new ImportOptions
        {
            Target = target ?? "",
            Format = Format(query["format"], errors),
            Delimiter = Delimiter(query["delimiter"], errors),
            OnConflict = OnConflict(query["onConflict"], errors),
            Key = [.. Items(query["key"])],
            Map = Pairs("map", query["map"], errors),
            Set = Pairs("set", query["set"], errors),
            Scale = Factors(query["scale"], errors),
            Decrypt = Encrypted("decrypt", query["decrypt"], errors),
            FormulaPrefix = Flag("formulaPrefix", query["formulaPrefix"], errors) ?? false,
            DateFormat = Text(query["dateFormat"]),
            MaxRejects = Whole("maxRejects", query["maxRejects"], errors),
            Force = Flag("force", query["force"], errors) ?? false,
        };
        return errors.Count == 0 ? options : throw new ProblemException(ProblemKind.Invalid, errors[0].Message, errors);
    }

    /// <summary>A number from 1 to the most that the setting allows in general; the setting where it is not given.</summary>
    public static int InRange(string name, int? value, int standard) => value switch
    {
        null => standard,
        < 1 or > 100_000 => throw ProblemException.ForField(ProblemKind.Invalid, name, "range", $"{name} must be from 1 to 100,000; it is {value}."),
        _ => value.Value,
    };

    private static FileFormat? Format(StringValues value, List<ProblemError> errors) => Text(value)?.ToLowerInvariant() switch
    {
        null => null,
        "csv" or "tsv" => FileFormat.Csv,
        "jsonl" or "ndjson" or "jsonlines" => FileFormat.JsonLines,
        "json" => FileFormat.JsonArray,
        var other => Fault<FileFormat?>(errors, "format", "known-format", $"There is no format '{other}'; there are csv, jsonl and json."),
    };

    private static char? Delimiter(StringValues value, List<ProblemError> errors) => value.Count == 0 || value[0] is null or "" ? null : value[0]!.ToLowerInvariant() switch
    {
        "," or "comma" => ',',
        ";" or "semicolon" => ';',
        "\t" or "tab" or "\\t" => '\t',
        "|" or "pipe" => '|',
        var other => Fault<char?>(errors, "delimiter", "known-delimiter", $"'{other}' is not a delimiter; there are comma, semicolon, tab and pipe."),
    };

    private static ConflictMode OnConflict(StringValues value, List<ProblemError> errors) => Text(value)?.ToLowerInvariant() switch
    {
        null or "update" => ConflictMode.Update,
        "skip" => ConflictMode.Skip,
        "reject" => ConflictMode.Reject,
        var other => Fault<ConflictMode>(errors, "onConflict", "known-mode", $"onConflict is update, skip or reject, not '{other}'."),
    };

    private static int? Whole(string name, StringValues value, List<ProblemError> errors) =>
        Text(value) is not { } text ? null : int.TryParse(text, out int number) ? number : Fault<int?>(errors, name, "whole-number", $"{name} must be a whole number; it is '{text}'.");

    internal static bool? Flag(string name, StringValues value, List<ProblemError> errors) => Text(value)?.ToLowerInvariant() switch
    {
        null => null,
        "false" or "0" => false,
        "true" or "1" => true,
        var other => Fault<bool?>(errors, name, "true-or-false", $"{name} is true or false, not '{other}'."),
    };

    private static Dictionary<string, string> Pairs(string name, StringValues value, List<ProblemError> errors)
    {
        var pairs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in Items(value))
        {
            int colon = item.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || colon == item.Length - 1)
            {
                errors.Add(new ProblemError(name, "pair", $"{name} is a list of field:{(name == "map" ? "column" : "value")}; '{item}' is none."));
            }
            else if (!pairs.TryAdd(item[..colon].Trim(), item[(colon + 1)..].Trim()))
            {
                errors.Add(new ProblemError(name, "once", $"{name} names the field '{item[..colon]}' twice."));
            }
        }

        return pairs;
    }

    private static Dictionary<string, decimal> Factors(StringValues value, List<ProblemError> errors)
    {
        var factors = new Dictionary<string, decimal>(StringComparer.OrdinalIgnoreCase);
        foreach (var (field, text) in Pairs("scale", value, errors))
        {
            if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal factor) && factor is > 0 and <= 1_000_000_000)
            {
                factors.Add(field, factor);
            }
            else
            {
                errors.Add(new ProblemError("scale", "factor", $"scale is a list of field:factor, each factor a number above 0 with a decimal point, e.g. {field}:0.01; '{text}' is none."));
            }
        }

        return factors;
    }

    // fernet:a,b and fernet:a,fernet:b are the same; a scheme has to be named, so that there can be others.
    internal static string[] Encrypted(string name, StringValues value, List<ProblemError> errors)
    {
        const string scheme = "fernet:";
        var items = Items(value).ToList();
        if (items.Count > 0 && !items[0].StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            errors.Add(new ProblemError(name, "scheme", $"{name} is {scheme}column,column; '{items[0]}' names no scheme."));
        }

        return [.. items.Select(i => i.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? i[scheme.Length..].Trim() : i).Where(i => i.Length > 0)];
    }

    internal static IEnumerable<string> Items(StringValues values) =>
        values.SelectMany(v => (v ?? "").Replace("\\,", "\0", StringComparison.Ordinal).Split(',')).Select(v => v.Replace('\0', ',').Trim()).Where(v => v.Length > 0);

    internal static string? Text(StringValues value) => string.IsNullOrWhiteSpace(value) ? null : value.ToString().Trim();

    internal static T? Fault<T>(List<ProblemError> errors, string field, string rule, string message)
    {
        errors.Add(new ProblemError(field, rule, message));
        return default;
    }
}
