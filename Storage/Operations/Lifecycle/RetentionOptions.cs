using System.ComponentModel.DataAnnotations;

namespace CloudStore.Storage.Operations.Lifecycle;

/// <summary>Settings of the section <c>Retention</c>. Nothing is removed that is not named here.</summary>
public sealed class RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>Days a record of a type is kept from its instant on, by the name of its table, e.g. <c>Retention:Days:campaigns</c>.</summary>
    public Dictionary<string, int> Days { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Days a deleted record is kept, of whatever type; null: for good.</summary>
    [Range(1, 36_500)]
    public int? DeletedDays { get; set; }

    /// <summary>Whether records are written to an archive before they are removed.</summary>
    public bool Archive { get; set; } = true;

    /// <summary>Where the archive is; <c>archive</c> below <c>Data:Root</c> where null.</summary>
    public string? ArchiveFolder { get; set; }
}
