namespace CloudStore.Storage.Imports.Binding;

/// <summary>A row that was not loaded, and why.</summary>
/// <param name="Line">1-based line in the file on which the row starts.</param>
/// <param name="Column">The column at fault as the file names it; empty where the whole row is.</param>
/// <param name="Value">The value at fault, as written, cut to 200 characters.</param>
/// <param name="Reason">All that is wrong with the row, in a sentence or more.</param>
/// <param name="Raw">The row as the file has it; empty where it was too long to keep.</param>
public sealed record RejectedRow(long Line, string Column, string Value, string Reason, string Raw);
