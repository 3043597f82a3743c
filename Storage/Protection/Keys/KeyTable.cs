using System.Data.Common;
using System.Globalization;
using CloudStore.Storage.Records;

namespace CloudStore.Storage.Protection.Keys;

/// <summary>
/// What the key ring reads and writes, on a connection that somebody has opened. Synchronous: a key is needed in the middle of building a row, where nothing can be awaited, and
/// is read once in many thousand rows.
/// </summary>
internal sealed class KeyTable(StoreDialect dialect, DbConnection connection, DbTransaction? transaction = null)
{
    private const string Columns = "id, owner, subject, purpose, version, state, wrapped, master_key_id, nonce_prefixes, created_at, updated_at";

    public (string MasterKeyId, long Generation)? ReadState()
    {
        using var command = Command("SELECT master_key_id, generation FROM key_ring WHERE id = 1");
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetString(0), reader.GetInt64(1)) : null;
    }

    /// <summary>Makes the master key the installation's, unless it has one.</summary>
    public void ClaimState(string masterKeyId)
    {
        using var command = Command("INSERT INTO key_ring (id, master_key_id, generation) VALUES (1, @master, 0) ON CONFLICT DO NOTHING", ("@master", masterKeyId));
        command.ExecuteNonQuery();
    }

    public DataKey? Find(Guid id)
    {
        using var command = Command($"SELECT {Columns} FROM data_keys WHERE id = @id", ("@id", Encode(id)));
        return ReadOne(command);
    }

    public DataKey? FindActive(string tenant, string subject, KeyPurpose purpose)
    {
        using var command = Command($"SELECT {Columns} FROM data_keys WHERE owner = @owner AND subject = @subject AND purpose = @purpose AND state = 'Active'",
            ("@owner", tenant), ("@subject", subject), ("@purpose", purpose.ToString()));
        return ReadOne(command);
    }

    /// <summary>The version that the next key of an owner and subject has.</summary>
    public int NextVersion(string tenant, string subject, KeyPurpose purpose)
    {
        using var command = Command("SELECT coalesce(max(version), 0) + 1 FROM data_keys WHERE owner = @owner AND subject = @subject AND purpose = @purpose",
            ("@owner", tenant), ("@subject", subject), ("@purpose", purpose.ToString()));
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Adds a key, unless somebody else has made one for the same use in the meantime, or another master key is in force than the one that wraps it. That one stays in force until
    /// the key is stored: a rewrapping waits for it, and sees it.
    /// </summary>
    /// <returns>Whether it is stored.</returns>
    public bool Insert(DataKey key)
    {
        using var command = Command($"""
            INSERT INTO data_keys ({Columns})
            SELECT @id, @owner, @subject, @purpose, @version, @state, @wrapped, @master, 0, @created, @created
            FROM key_ring WHERE id = 1 AND master_key_id = @master{(dialect == StoreDialect.Postgres ? " FOR SHARE" : "")} ON CONFLICT DO NOTHING
            """,
            ("@id", Encode(key.Id)), ("@owner", key.Owner), ("@subject", key.Subject), ("@purpose", key.Purpose.ToString()), ("@version", key.Version),
            ("@state", key.State.ToString()), ("@wrapped", key.Wrapped!), ("@master", key.MasterKeyId), ("@created", Encode(key.CreatedAt)));
        return command.ExecuteNonQuery() == 1;
    }

    private DbCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private object Encode(Guid id) => dialect == StoreDialect.Sqlite ? id.ToByteArray(bigEndian: true) : id;

    private object Encode(DateTime utc) => dialect == StoreDialect.Sqlite ? SqliteEncoding.ToMicroseconds(utc) : utc;

    private DateTime Time(DbDataReader reader, int column) =>
        dialect == StoreDialect.Sqlite ? SqliteEncoding.FromMicroseconds(reader.GetInt64(column)) : reader.GetDateTime(column);

    private DataKey? ReadOne(DbCommand command)
    {
        using var reader = command.ExecuteReader();
        return !reader.Read() ? null : new DataKey
        {
            Id = dialect == StoreDialect.Sqlite ? new Guid(reader.GetFieldValue<byte[]>(0), bigEndian: true) : reader.GetGuid(0),
            Owner = reader.GetString(1),
            Subject = reader.GetString(2),
            Purpose = Enum.Parse<KeyPurpose>(reader.GetString(3)),
            Version = reader.GetInt32(4),
            State = Enum.Parse<KeyState>(reader.GetString(5)),
            Wrapped = reader.IsDBNull(6) ? null : reader.GetFieldValue<byte[]>(6),
            MasterKeyId = reader.GetString(7),
            NoncePrefixes = reader.GetInt64(8),
            CreatedAt = Time(reader, 9),
            UpdatedAt = Time(reader, 10),
        };
    }
}
