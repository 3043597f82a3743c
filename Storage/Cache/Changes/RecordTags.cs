namespace CloudStore.Storage.Cache.Changes;

/// <summary>
/// The tags that the engine invalidates when records change, so that what is cached of them is never older than they are. They are of the records' tenant.
/// </summary>
public static class RecordTags
{
    /// <summary>Begins the names of all entries and tags that are the product's own.</summary>
    public const string Own = "cloudstore/";

    /// <summary>Invalid when a record of the table was changed, deleted, brought back or removed: for what shows records that are there.</summary>
    public static string Changed(string table) => $"{Own}records/{table}";

    /// <summary>Invalid when records were added to the table and none was changed: lists and sums carry this one as well.</summary>
    public static string Added(string table) => $"{Own}records/{table}/added";
}
