using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudStore.Storage.Records.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class CacheFilesVoice : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<byte[]>(
                name: "value",
                table: "store_secrets",
                type: "bytea",
                nullable: true,
                oldClrType: typeof(byte[]),
                oldType: "bytea");

            migrationBuilder.AddColumn<byte[]>(
                name: "token",
                table: "store_secrets",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "detail",
                table: "import_rejects",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "keyed",
                table: "erasure_marks",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "gaps",
                table: "audit_log",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.CreateTable(
                name: "audit_archived_tiles",
                columns: table => new
                {
                    bundle = table.Column<long>(type: "bigint", nullable: false),
                    hashes = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_archived_tiles", x => x.bundle);
                });

            migrationBuilder.CreateTable(
                name: "audit_late",
                columns: table => new
                {
                    log_index = table.Column<long>(type: "bigint", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_late", x => x.log_index);
                });

            migrationBuilder.CreateTable(
                name: "cache_entries",
                columns: table => new
                {
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    key = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    generation = table.Column<long>(type: "bigint", nullable: false),
                    floor = table.Column<long>(type: "bigint", nullable: false),
                    format = table.Column<short>(type: "smallint", nullable: false),
                    payload = table.Column<byte[]>(type: "bytea", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: true),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    created_at = table.Column<long>(type: "bigint", nullable: false),
                    expires_at = table.Column<long>(type: "bigint", nullable: false),
                    stale_for = table.Column<long>(type: "bigint", nullable: false),
                    sliding = table.Column<long>(type: "bigint", nullable: false),
                    ends_at = table.Column<long>(type: "bigint", nullable: false),
                    tag_count = table.Column<short>(type: "smallint", nullable: false),
                    tags = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cache_entries", x => new { x.tenant, x.key });
                });

            migrationBuilder.CreateTable(
                name: "cache_leases",
                columns: table => new
                {
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    key = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    owner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    until = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cache_leases", x => new { x.tenant, x.key });
                });

            migrationBuilder.CreateTable(
                name: "cache_log",
                columns: table => new
                {
                    position = table.Column<long>(type: "bigint", nullable: false),
                    origin = table.Column<long>(type: "bigint", nullable: false),
                    kind = table.Column<short>(type: "smallint", nullable: false),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    name = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cache_log", x => x.position);
                });

            migrationBuilder.CreateTable(
                name: "cache_marks",
                columns: table => new
                {
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    kind = table.Column<short>(type: "smallint", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    position = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cache_marks", x => new { x.tenant, x.kind, x.name });
                });

            migrationBuilder.CreateTable(
                name: "cache_state",
                columns: table => new
                {
                    id = table.Column<short>(type: "smallint", nullable: false),
                    installation = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    generation = table.Column<long>(type: "bigint", nullable: false),
                    holder = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    @base = table.Column<long>(name: "base", type: "bigint", nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    away_until = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cache_state", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "file_grants",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    key = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    file_id = table.Column<Guid>(type: "uuid", nullable: false),
                    grantee = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    right = table.Column<string>(type: "text", nullable: false),
                    expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    deleted_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delete_reason = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_file_grants", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "file_upload_segments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    upload_id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    start = table.Column<long>(type: "bigint", nullable: false),
                    bytes = table.Column<long>(type: "bigint", nullable: false),
                    content = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    backend = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    deleted_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delete_reason = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_file_upload_segments", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "file_uploads",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    secrets = table.Column<byte[]>(type: "bytea", nullable: false),
                    length = table.Column<long>(type: "bigint", nullable: true),
                    offset = table.Column<long>(type: "bigint", nullable: false),
                    is_partial = table.Column<bool>(type: "boolean", nullable: false),
                    parts = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    is_done = table.Column<bool>(type: "boolean", nullable: false),
                    expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    finishing_until = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    deleted_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delete_reason = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_file_uploads", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "person_jobs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    names = table.Column<byte[]>(type: "bytea", nullable: false),
                    person_index = table.Column<byte[]>(type: "bytea", nullable: true),
                    requested_by = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    rows_total = table.Column<long>(type: "bigint", nullable: false),
                    rows_done = table.Column<long>(type: "bigint", nullable: false),
                    files_total = table.Column<long>(type: "bigint", nullable: false),
                    files_done = table.Column<long>(type: "bigint", nullable: false),
                    bytes_total = table.Column<long>(type: "bigint", nullable: false),
                    bytes_done = table.Column<long>(type: "bigint", nullable: false),
                    removed = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    file_id = table.Column<Guid>(type: "uuid", nullable: true),
                    certificate = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    error = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    started_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    finished_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    lease = table.Column<Guid>(type: "uuid", nullable: true),
                    lease_until = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    deleted_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delete_reason = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_person_jobs", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "stored_files",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    secrets = table.Column<byte[]>(type: "bytea", nullable: false),
                    name_index = table.Column<byte[]>(type: "bytea", nullable: true),
                    owner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    type = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    tags = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    region = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    backend = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    content = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    content_version = table.Column<int>(type: "integer", nullable: false),
                    codec = table.Column<string>(type: "text", nullable: false),
                    size = table.Column<long>(type: "bigint", nullable: false),
                    stored_size = table.Column<long>(type: "bigint", nullable: false),
                    sha256 = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    duration = table.Column<double>(type: "double precision", nullable: true),
                    retention_days = table.Column<int>(type: "integer", nullable: true),
                    expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    access_count = table.Column<long>(type: "bigint", nullable: false),
                    last_accessed_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    verified_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    fault = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    deleted_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delete_reason = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_stored_files", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "voice_audio_files",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    username = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    file_id = table.Column<Guid>(type: "uuid", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    format = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    sample_rate = table.Column<int>(type: "integer", nullable: true),
                    channels = table.Column<int>(type: "integer", nullable: true),
                    bits_per_sample = table.Column<int>(type: "integer", nullable: true),
                    duration = table.Column<double>(type: "double precision", nullable: true),
                    language = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    recorded_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    words = table.Column<byte[]>(type: "bytea", nullable: false),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    deleted_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delete_reason = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_voice_audio_files", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "voice_consents",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    username = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    purpose = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    decision = table.Column<string>(type: "text", nullable: false),
                    decided_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    proof = table.Column<byte[]>(type: "bytea", nullable: false),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    deleted_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delete_reason = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_voice_consents", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "voice_metrics",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    value = table.Column<decimal>(type: "numeric", nullable: false),
                    unit = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    labels = table.Column<string>(type: "jsonb", nullable: true),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    deleted_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delete_reason = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_voice_metrics", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "voice_profiles",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    username = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    language = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    retention_days = table.Column<int>(type: "integer", nullable: true),
                    settings = table.Column<byte[]>(type: "bytea", nullable: false),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    deleted_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delete_reason = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_voice_profiles", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "voice_sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    username = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    state = table.Column<string>(type: "text", nullable: false),
                    language = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    memory = table.Column<byte[]>(type: "bytea", nullable: false),
                    turns = table.Column<int>(type: "integer", nullable: false),
                    started_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    last_active_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    deleted_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delete_reason = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_voice_sessions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "voice_turns",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    username = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    number = table.Column<int>(type: "integer", nullable: false),
                    role = table.Column<string>(type: "text", nullable: false),
                    words = table.Column<byte[]>(type: "bytea", nullable: false),
                    intent = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    audio_file_id = table.Column<Guid>(type: "uuid", nullable: true),
                    spoken_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    deleted_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delete_reason = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_voice_turns", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "voice_users",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    username = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    contact = table.Column<byte[]>(type: "bytea", nullable: false),
                    email_index = table.Column<byte[]>(type: "bytea", nullable: true),
                    locale = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    role_lines = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    status = table.Column<string>(type: "text", nullable: false),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    deleted_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    deleted_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delete_reason = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_voice_users", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_import_rejects_id",
                table: "import_rejects",
                column: "id",
                filter: "detail IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_cache_entries_ends_at",
                table: "cache_entries",
                column: "ends_at");

            migrationBuilder.CreateIndex(
                name: "ix_cache_leases_until",
                table: "cache_leases",
                column: "until");

            migrationBuilder.CreateIndex(
                name: "ix_file_grants_file_id",
                table: "file_grants",
                columns: new[] { "tenant", "file_id" });

            migrationBuilder.CreateIndex(
                name: "ix_file_grants_grantee",
                table: "file_grants",
                columns: new[] { "tenant", "grantee" });

            migrationBuilder.CreateIndex(
                name: "ix_file_grants_key",
                table: "file_grants",
                columns: new[] { "tenant", "key" },
                unique: true,
                filter: "deleted_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_file_upload_segments_content",
                table: "file_upload_segments",
                column: "content");

            migrationBuilder.CreateIndex(
                name: "ix_file_upload_segments_upload_id_start",
                table: "file_upload_segments",
                columns: new[] { "upload_id", "start" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_file_uploads_expires_at",
                table: "file_uploads",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_person_jobs_kind_id",
                table: "person_jobs",
                columns: new[] { "tenant", "kind", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_person_jobs_person_index",
                table: "person_jobs",
                columns: new[] { "tenant", "person_index" });

            migrationBuilder.CreateIndex(
                name: "ix_person_jobs_status_lease_until",
                table: "person_jobs",
                columns: new[] { "status", "lease_until" });

            migrationBuilder.CreateIndex(
                name: "ix_stored_files_content",
                table: "stored_files",
                column: "content",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_stored_files_expires_at",
                table: "stored_files",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_stored_files_id",
                table: "stored_files",
                columns: new[] { "tenant", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_stored_files_name_index",
                table: "stored_files",
                columns: new[] { "tenant", "name_index" });

            migrationBuilder.CreateIndex(
                name: "ix_stored_files_owner",
                table: "stored_files",
                columns: new[] { "tenant", "owner" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_audio_files_file_id",
                table: "voice_audio_files",
                columns: new[] { "tenant", "file_id" },
                unique: true,
                filter: "deleted_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_voice_audio_files_id",
                table: "voice_audio_files",
                columns: new[] { "tenant", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_audio_files_username_created_at",
                table: "voice_audio_files",
                columns: new[] { "tenant", "username", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_consents_id",
                table: "voice_consents",
                columns: new[] { "tenant", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_consents_username_purpose_decided_at",
                table: "voice_consents",
                columns: new[] { "tenant", "username", "purpose", "decided_at" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_metrics_at",
                table: "voice_metrics",
                columns: new[] { "tenant", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_metrics_name_at",
                table: "voice_metrics",
                columns: new[] { "tenant", "name", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_profiles_id",
                table: "voice_profiles",
                columns: new[] { "tenant", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_profiles_username",
                table: "voice_profiles",
                columns: new[] { "tenant", "username" },
                unique: true,
                filter: "deleted_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_voice_sessions_id",
                table: "voice_sessions",
                columns: new[] { "tenant", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_sessions_username_started_at",
                table: "voice_sessions",
                columns: new[] { "tenant", "username", "started_at" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_turns_id",
                table: "voice_turns",
                columns: new[] { "tenant", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_turns_session_id_number",
                table: "voice_turns",
                columns: new[] { "tenant", "session_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_voice_turns_username_created_at",
                table: "voice_turns",
                columns: new[] { "tenant", "username", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_users_email_index",
                table: "voice_users",
                columns: new[] { "tenant", "email_index" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_users_id",
                table: "voice_users",
                columns: new[] { "tenant", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_voice_users_username",
                table: "voice_users",
                columns: new[] { "tenant", "username" },
                unique: true,
                filter: "deleted_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit_archived_tiles");

            migrationBuilder.DropTable(
                name: "audit_late");

            migrationBuilder.DropTable(
                name: "cache_entries");

            migrationBuilder.DropTable(
                name: "cache_leases");

            migrationBuilder.DropTable(
                name: "cache_log");

            migrationBuilder.DropTable(
                name: "cache_marks");

            migrationBuilder.DropTable(
                name: "cache_state");

            migrationBuilder.DropTable(
                name: "file_grants");

            migrationBuilder.DropTable(
                name: "file_upload_segments");

            migrationBuilder.DropTable(
                name: "file_uploads");

            migrationBuilder.DropTable(
                name: "person_jobs");

            migrationBuilder.DropTable(
                name: "stored_files");

            migrationBuilder.DropTable(
                name: "voice_audio_files");

            migrationBuilder.DropTable(
                name: "voice_consents");

            migrationBuilder.DropTable(
                name: "voice_metrics");

            migrationBuilder.DropTable(
                name: "voice_profiles");

            migrationBuilder.DropTable(
                name: "voice_sessions");

            migrationBuilder.DropTable(
                name: "voice_turns");

            migrationBuilder.DropTable(
                name: "voice_users");

            migrationBuilder.DropIndex(
                name: "ix_import_rejects_id",
                table: "import_rejects");

            migrationBuilder.DropColumn(
                name: "token",
                table: "store_secrets");

            migrationBuilder.DropColumn(
                name: "detail",
                table: "import_rejects");

            migrationBuilder.DropColumn(
                name: "keyed",
                table: "erasure_marks");

            migrationBuilder.DropColumn(
                name: "gaps",
                table: "audit_log");

            migrationBuilder.AlterColumn<byte[]>(
                name: "value",
                table: "store_secrets",
                type: "bytea",
                nullable: false,
                defaultValue: new byte[0],
                oldClrType: typeof(byte[]),
                oldType: "bytea",
                oldNullable: true);
        }
    }
}
