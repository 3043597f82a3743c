using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudStore.Storage.Records.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class CacheAndFiles : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "token",
                table: "store_secrets",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "detail",
                table: "import_rejects",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "keyed",
                table: "erasure_marks",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "gaps",
                table: "audit_log",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "audit_archived_tiles",
                columns: table => new
                {
                    bundle = table.Column<long>(type: "INTEGER", nullable: false),
                    hashes = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_archived_tiles", x => x.bundle);
                });

            migrationBuilder.CreateTable(
                name: "audit_late",
                columns: table => new
                {
                    log_index = table.Column<long>(type: "INTEGER", nullable: false),
                    sequence = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_late", x => x.log_index);
                });

            migrationBuilder.CreateTable(
                name: "file_grants",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    key = table.Column<string>(type: "TEXT", nullable: false),
                    file_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    grantee = table.Column<string>(type: "TEXT", nullable: false),
                    right = table.Column<string>(type: "TEXT", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: true),
                    tenant = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    revision = table.Column<long>(type: "INTEGER", nullable: false),
                    deleted_at = table.Column<long>(type: "INTEGER", nullable: true),
                    deleted_by = table.Column<string>(type: "TEXT", nullable: true),
                    delete_reason = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_file_grants", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "file_upload_segments",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    upload_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    owner = table.Column<string>(type: "TEXT", nullable: false),
                    start = table.Column<long>(type: "INTEGER", nullable: false),
                    bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    content = table.Column<string>(type: "TEXT", nullable: false),
                    tenant = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    revision = table.Column<long>(type: "INTEGER", nullable: false),
                    deleted_at = table.Column<long>(type: "INTEGER", nullable: true),
                    deleted_by = table.Column<string>(type: "TEXT", nullable: true),
                    delete_reason = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_file_upload_segments", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "file_uploads",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    owner = table.Column<string>(type: "TEXT", nullable: false),
                    secrets = table.Column<byte[]>(type: "BLOB", nullable: false),
                    length = table.Column<long>(type: "INTEGER", nullable: true),
                    offset = table.Column<long>(type: "INTEGER", nullable: false),
                    is_partial = table.Column<bool>(type: "INTEGER", nullable: false),
                    parts = table.Column<string>(type: "TEXT", nullable: true),
                    is_done = table.Column<bool>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false),
                    tenant = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    revision = table.Column<long>(type: "INTEGER", nullable: false),
                    deleted_at = table.Column<long>(type: "INTEGER", nullable: true),
                    deleted_by = table.Column<string>(type: "TEXT", nullable: true),
                    delete_reason = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_file_uploads", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "stored_files",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    secrets = table.Column<byte[]>(type: "BLOB", nullable: false),
                    name_index = table.Column<byte[]>(type: "BLOB", nullable: true),
                    owner = table.Column<string>(type: "TEXT", nullable: false),
                    type = table.Column<string>(type: "TEXT", nullable: false),
                    tags = table.Column<string>(type: "TEXT", nullable: true),
                    region = table.Column<string>(type: "TEXT", nullable: true),
                    backend = table.Column<string>(type: "TEXT", nullable: false),
                    content = table.Column<string>(type: "TEXT", nullable: false),
                    content_version = table.Column<int>(type: "INTEGER", nullable: false),
                    codec = table.Column<string>(type: "TEXT", nullable: false),
                    size = table.Column<long>(type: "INTEGER", nullable: false),
                    stored_size = table.Column<long>(type: "INTEGER", nullable: false),
                    sha256 = table.Column<string>(type: "TEXT", nullable: false),
                    duration = table.Column<double>(type: "REAL", nullable: true),
                    retention_days = table.Column<int>(type: "INTEGER", nullable: true),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: true),
                    access_count = table.Column<long>(type: "INTEGER", nullable: false),
                    last_accessed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    verified_at = table.Column<long>(type: "INTEGER", nullable: true),
                    fault = table.Column<string>(type: "TEXT", nullable: true),
                    tenant = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    revision = table.Column<long>(type: "INTEGER", nullable: false),
                    deleted_at = table.Column<long>(type: "INTEGER", nullable: true),
                    deleted_by = table.Column<string>(type: "TEXT", nullable: true),
                    delete_reason = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_stored_files", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_import_rejects_id",
                table: "import_rejects",
                column: "id",
                filter: "detail IS NULL");

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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit_archived_tiles");

            migrationBuilder.DropTable(
                name: "audit_late");

            migrationBuilder.DropTable(
                name: "file_grants");

            migrationBuilder.DropTable(
                name: "file_upload_segments");

            migrationBuilder.DropTable(
                name: "file_uploads");

            migrationBuilder.DropTable(
                name: "stored_files");

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
        }
    }
}
