namespace CloudStore.Storage.Cache.Shared.Database;

/// <summary>
/// The statements, the same for both databases. Each that writes asks whether the database still holds the generation; the first of a transaction, which adds to
/// the position, locks that row, so that transactions commit in the order of their positions and leave no gaps.
/// </summary>
internal static class CacheSql
{
    private const string Columns = "tenant, key, generation, floor, format, payload, number, position, created_at, expires_at, stale_for, sliding, ends_at, tag_count, tags";

    private const string Holds = "id = 1 AND generation = $1 AND holder = 'database'";

    private const string Values =
        "$2, $3, $1, $4, CAST($5 AS smallint), $6, CAST($7 AS bigint), $8, $9, $10, $11, $12, $13, CAST($14 AS smallint), $15";

    private const string Overwrite = """
        generation = excluded.generation, floor = excluded.floor, format = excluded.format, payload = excluded.payload, number = excluded.number, position = excluded.position,
        created_at = excluded.created_at, expires_at = excluded.expires_at, stale_for = excluded.stale_for, sliding = excluded.sliding, ends_at = excluded.ends_at,
        tag_count = excluded.tag_count, tags = excluded.tags
        """;

    /// <summary>$1 generation, $2 lines to come.</summary>
    public const string Advance = $"UPDATE cache_state SET position = position + $2 WHERE {Holds} RETURNING position";

    /// <summary>$1 generation, $2 how far from the last line, $3 origin, $4 kind, $5 tenant, $6 name.</summary>
    public const string Note = $"INSERT INTO cache_log (position, origin, kind, tenant, name) SELECT position - $2, $3, CAST($4 AS smallint), $5, $6 FROM cache_state WHERE {Holds}";

    /// <summary>As <see cref="Note"/>, without the origin: $3 kind, $4 tenant, $5 name.</summary>
    public const string Mark = $"""
        INSERT INTO cache_marks (tenant, kind, name, position) SELECT $4, CAST($3 AS smallint), $5, position - $2 FROM cache_state WHERE {Holds}
        ON CONFLICT (tenant, kind, name) DO UPDATE SET position = excluded.position
        """;

    public const string Set = $"INSERT INTO cache_entries ({Columns}) SELECT {Values} FROM cache_state WHERE {Holds} ON CONFLICT (tenant, key) DO UPDATE SET {Overwrite} RETURNING 1";

    /// <summary>As <see cref="Set"/>, unless the key was set or removed after the value's position.</summary>
    public const string SetComputed = $"""
        INSERT INTO cache_entries ({Columns}) SELECT {Values} FROM cache_state WHERE {Holds}
            AND NOT EXISTS (SELECT 1 FROM cache_log WHERE cache_log.position > $8 AND cache_log.kind = 1 AND cache_log.tenant = $2 AND cache_log.name = $3)
        ON CONFLICT (tenant, key) DO UPDATE SET {Overwrite} RETURNING 1
        """;

    /// <summary>As <see cref="Set"/>; $16 is the time.</summary>
    public const string SetNew = $"""
        INSERT INTO cache_entries ({Columns}) SELECT {Values} FROM cache_state WHERE {Holds}
        ON CONFLICT (tenant, key) DO UPDATE SET {Overwrite}
        WHERE cache_entries.generation <> excluded.generation OR cache_entries.floor <> excluded.floor OR cache_entries.ends_at <= $16 RETURNING 1
        """;

    /// <summary>As <see cref="SetNew"/>, where there is one.</summary>
    public const string SetOld = """
        UPDATE cache_entries SET format = CAST($5 AS smallint), payload = $6, number = CAST($7 AS bigint), position = $8, created_at = $9, expires_at = $10, stale_for = $11, sliding = $12,
            ends_at = $13, tag_count = CAST($14 AS smallint), tags = $15
        WHERE tenant = $2 AND key = $3 AND generation = $1 AND floor = $4 AND ends_at > $16
            AND EXISTS (SELECT 1 FROM cache_state WHERE id = 1 AND generation = $1 AND holder = 'database') RETURNING 1
        """;

    /// <summary>As <see cref="SetOld"/>, where it has not changed: $17 its position, $18 when it was set, $19 when it is over, $20 is 1 for a counter that is to keep its number, $21 its value, $22 its number.</summary>
    public const string Replace = """
        UPDATE cache_entries SET format = CAST($5 AS smallint), payload = $6, number = CASE WHEN CAST($20 AS smallint) = 1 THEN number ELSE CAST($7 AS bigint) END, position = $8, created_at = $9, expires_at = $10,
            stale_for = $11, sliding = $12, ends_at = $13, tag_count = CAST($14 AS smallint), tags = $15
        WHERE tenant = $2 AND key = $3 AND generation = $1 AND floor = $4 AND ends_at > $16 AND position = $17 AND created_at = $18 AND expires_at = $19
            AND (CAST($20 AS smallint) = 1 OR (payload = $21 AND COALESCE(number, 0) = CAST($22 AS bigint)))
            AND EXISTS (SELECT 1 FROM cache_state WHERE id = 1 AND generation = $1 AND holder = 'database') RETURNING 1
        """;

    /// <summary>As <see cref="SetNew"/>: the number is added where there is an entry.</summary>
    public const string Increment = $"""
        INSERT INTO cache_entries ({Columns}) SELECT {Values} FROM cache_state WHERE {Holds}
        ON CONFLICT (tenant, key) DO UPDATE SET number = cache_entries.number + excluded.number
        WHERE cache_entries.number IS NOT NULL AND cache_entries.tag_count = 0 AND cache_entries.expires_at > $16
            AND ((excluded.number >= 0 AND cache_entries.number <= 9223372036854775807 - excluded.number) OR (excluded.number < 0 AND cache_entries.number >= -9223372036854775807 - 1 - excluded.number))
        RETURNING number
        """;

    /// <summary>Removes an entry that is over: $1 generation, $2 tenant, $3 key, $4 floor, $5 the time.</summary>
    public const string RemoveDead = "DELETE FROM cache_entries WHERE tenant = $2 AND key = $3 AND (generation <> $1 OR floor <> $4 OR ends_at <= $5) AND EXISTS (SELECT 1 FROM cache_state WHERE id = 1 AND generation = $1 AND holder = 'database')";

    /// <summary>$1 generation, $2 tenant, $3 key.</summary>
    public const string Remove = "DELETE FROM cache_entries WHERE tenant = $2 AND key = $3 AND EXISTS (SELECT 1 FROM cache_state WHERE id = 1 AND generation = $1 AND holder = 'database')";

    /// <summary>$1 generation, $2 tenant, $3 key, $4 floor; where it has not changed: $5 its position, $6 when it was set, $7 when it is over, $8 its value, $9 its number.</summary>
    public const string RemoveFound = """
        DELETE FROM cache_entries WHERE tenant = $2 AND key = $3 AND generation = $1 AND floor = $4 AND position = $5 AND created_at = $6 AND expires_at = $7 AND payload = $8
            AND COALESCE(number, 0) = CAST($9 AS bigint) AND EXISTS (SELECT 1 FROM cache_state WHERE id = 1 AND generation = $1 AND holder = 'database') RETURNING 1
        """;

    private const string ReadColumns = "key, format, payload, number, position, created_at, expires_at, stale_for, sliding, tag_count, tags";

    private const string Read = $"SELECT {ReadColumns} FROM cache_entries";

    /// <summary>$1 generation, $2 the time.</summary>
    public const string Copy = $"SELECT {ReadColumns}, tenant, floor, ends_at FROM cache_entries WHERE generation = $1 AND ends_at > $2";

    /// <summary>$1 generation, $2 tenant, $3 key, $4 floor, $5 the time.</summary>
    public const string Get = $"{Read} WHERE tenant = $2 AND key = $3 AND generation = $1 AND floor = $4 AND ends_at > $5";

    /// <summary>$1 generation, $2 tenant, $3 key, $4 when it ends.</summary>
    public const string Slide = "UPDATE cache_entries SET ends_at = $4 WHERE tenant = $2 AND key = $3 AND generation = $1";

    /// <summary>$1 tenant, then the names.</summary>
    public static string Tags(int names) => $"SELECT name, position FROM cache_marks WHERE tenant = $1 AND kind = 2 AND name IN ({string.Join(", ", Enumerable.Range(2, names).Select(i => $"${i}"))})";

    /// <summary>$1 generation, $2 tenant, $3 the time, then keys and floors by turns.</summary>
    public static string GetMany(int keys) =>
        $"{Read} WHERE tenant = $2 AND generation = $1 AND ends_at > $3 AND ({string.Join(" OR ", Enumerable.Range(0, keys).Select(i => $"(key = ${4 + 2 * i} AND floor = ${5 + 2 * i})"))})";

    /// <summary>$1 tenant, $2 key, $3 owner, $4 until, $5 the time.</summary>
    public const string Lease = """
        INSERT INTO cache_leases (tenant, key, owner, until) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, key) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE cache_leases.until <= $5
        """;

    public const string Release = "DELETE FROM cache_leases WHERE tenant = $1 AND key = $2 AND owner = $3";
}
