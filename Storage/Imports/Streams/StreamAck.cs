namespace CloudStore.Storage.Imports.Streams;

/// <summary>Says that everything up to a line is committed, or was rejected for the reasons given.</summary>
/// <param name="Line">The last line that is dealt with; what the sender sends again after a break starts behind it.</param>
/// <param name="Loaded">Rows of this batch that are new records.</param>
/// <param name="Updated">Rows of this batch that changed a record.</param>
/// <param name="Skipped">Rows of this batch left out because their record was there.</param>
/// <param name="Rejected">The rows of this batch that were not taken.</param>
public sealed record StreamAck(long Line, long Loaded, long Updated, long Skipped, IReadOnlyList<StreamReject> Rejected);

/// <summary>A row of a stream that was not taken.</summary>
/// <param name="Line">1-based line.</param>
/// <param name="Column">The field at fault; empty where the whole line is.</param>
/// <param name="Value">The value at fault.</param>
/// <param name="Reason">What is wrong.</param>
public sealed record StreamReject(long Line, string Column, string Value, string Reason);
