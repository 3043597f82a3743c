using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Imports.Values;

namespace CloudStore.Storage.Imports.Binding;

/// <summary>What became of a row that was handed to a <see cref="RowBinder"/>.</summary>
public enum BindOutcome
{
    /// <summary>It is in the batch, among the good or the rejected rows.</summary>
    Taken,

    /// <summary>One of its values can be read only once the whole column is known: set <see cref="RowBinder.Survey"/> and hand the row in again.</summary>
    NeedsSurvey,
}

/// <summary>Turns a file's rows into records and collects them in batches. One per run of a job; not for concurrent use.</summary>
public abstract class RowBinder : IDisposable
{
    /// <summary>What the file's columns are known to mean; null until a value needs it.</summary>
    public SurveyResult? Survey { get; set; }

    /// <summary>False for a stream, which cannot be read twice: a value that needs a survey is then a fault of its row.</summary>
    public bool CanSurvey { get; set; } = true;

    /// <summary>Needed where the rows' key has encrypted parts (<see cref="ImportPlan.HashesKey"/>).</summary>
    public KeyHash? KeyHash { get; set; }

    /// <summary>The columns a survey has to look at.</summary>
    public abstract IReadOnlyList<string> SurveyColumns { get; }

    /// <summary>Rows in the batch, good and rejected.</summary>
    public abstract int Rows { get; }

    /// <exception cref="UndecidedColumnException">The survey could not tell how a column is to be read.</exception>
    public abstract BindOutcome Bind(RowReader row);

    public abstract void Dispose();

    /// <summary>Hands out the batch and starts the next.</summary>
    /// <param name="reader">The file's reader, standing at the last row bound; null for a stream, which has no place to go on from.</param>
    public abstract ImportBatch Take(RowReader? reader);
}

/// <summary>A column's dates or numbers can be read in two ways and nothing in the file tells which; the message says what to pass.</summary>
public sealed class UndecidedColumnException(string column, string reason) : Exception(reason)
{
    public string Column { get; } = column;
}
