namespace CloudStore.Storage.Records;

/// <summary>Which database the records are kept in.</summary>
public enum StoreDialect
{
    Sqlite,
    Postgres,
}
