using CloudStore.ServiceDefaults.Problems;

namespace CloudStore.Storage.Records.Rules;

/// <summary>Collects the broken rules of one record, or of the rows of a batch, into one problem.</summary>
public sealed class RuleErrors
{
    /// <summary>More errors than this are counted only: nobody reads them, and an answer has a size.</summary>
    public const int MostListed = 100;

    private readonly List<ProblemError> _errors = [];
    private int _row = -1;
    private int _more;

    public RuleErrors() => Report = Add;

    /// <summary>Where rules report to.</summary>
    public Action<string, string, string> Report { get; }

    /// <summary>The errors kept since the last <see cref="Clear"/>.</summary>
    public IReadOnlyList<ProblemError> Errors => _errors;

    /// <summary>Checks one record.</summary>
    /// <exception cref="ProblemException">Of kind invalid, with every broken rule.</exception>
    public static void Require<T>(T record, Action<T, Action<string, string, string>> check)
    {
        var errors = new RuleErrors();
        check(record, errors.Report);
        errors.ThrowIfAny();
    }

    /// <summary>From now on fields are named as those of row <paramref name="index"/>, e.g. <c>[3].spend</c>.</summary>
    public void AtRow(int index) => _row = index;

    public void Clear()
    {
        _errors.Clear();
        _more = 0;
    }

    /// <exception cref="ProblemException">Of kind invalid.</exception>
    public void ThrowIfAny()
    {
        if (_errors.Count == 0)
        {
            return;
        }

        int all = _errors.Count + _more;
        var first = _errors[0];
        var detail = (_row < 0 ? "" : $"{first.Field}: ") + first.Message + (all > 1 ? $" {all} rules are broken in all." : "");
        throw new ProblemException(ProblemKind.Invalid, detail, [.. _errors]);
    }

    private void Add(string field, string rule, string message)
    {
        if (_errors.Count < MostListed)
        {
            _errors.Add(new ProblemError(_row < 0 ? field : $"[{_row}].{field}", rule, message));
        }
        else
        {
            _more++;
        }
    }
}
