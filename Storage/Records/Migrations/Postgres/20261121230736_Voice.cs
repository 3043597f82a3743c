using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudStore.Storage.Records.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Voice : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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
                name: "person_jobs");

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
        }
    }
}
