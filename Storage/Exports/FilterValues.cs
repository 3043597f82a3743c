using System.Globalization;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Imports;
using CloudStore.Storage.Records.Lists;
using Microsoft.Extensions.Primitives;

namespace CloudStore.Storage.Exports;

/// <summary>The filters of one export as they were given. A value that cannot be read is a <see cref="ProblemException"/> of kind invalid that names its filter.</summary>
public sealed class FilterValues(IReadOnlyDictionary<string, StringValues> given)
{
    public string? Text(string name) => Given(name) is [{ Length: > 0 } text, ..] ? text : null;

    public IReadOnlyList<string> Texts(string name) => [.. Given(name).Where(t => !string.IsNullOrEmpty(t)).Select(t => t!)];

    public DateTime? From() => DateParameter.From(Text("from"));

    /// <summary>The instant before which <c>to=</c> means.</summary>
    public DateTime? Before() => DateParameter.To(Text("to"));

    public bool? Flag(string name)
    {
        var errors = new List<ProblemError>();
        var flag = ImportQuery.Flag(name, Given(name), errors);
        return errors.Count == 0 ? flag : throw new ProblemException(ProblemKind.Invalid, errors[0].Message, errors);
    }

    public int? Whole(string name, int least, int most) => Text(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? number
        : throw ProblemException.ForField(ProblemKind.Invalid, name, "range", $"{name} must be a whole number from {least} to {most}; it is '{text}'.");

    private StringValues Given(string name) => given.GetValueOrDefault(name);
}
