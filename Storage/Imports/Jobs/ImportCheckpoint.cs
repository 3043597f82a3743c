using CloudStore.Storage.Imports.Reading;
using CloudStore.Storage.Imports.Values;

namespace CloudStore.Storage.Imports.Jobs;

/// <summary>Where a job goes on, and what was found out about its file so far.</summary>
/// <param name="Position">Behind the last committed row.</param>
/// <param name="Delimiter">The CSV file's delimiter; null for JSON.</param>
/// <param name="Survey">What the columns mean, once a survey was needed.</param>
public sealed record ImportCheckpoint(ReaderPosition Position, char? Delimiter, SurveyResult? Survey);
