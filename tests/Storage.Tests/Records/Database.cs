namespace CloudStore.Storage.Tests.Records;

/// <summary>Which database a test runs on; with Postgres it skips where there is no server.</summary>
public enum Database
{
    Sqlite,
    Postgres,
}
