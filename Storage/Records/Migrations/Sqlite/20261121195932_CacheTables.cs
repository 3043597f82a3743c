using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudStore.Storage.Records.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class CacheTables : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "cache_entries",
                columns: table => new
                {
                    tenant = table.Column<string>(type: "TEXT", nullable: false),
                    key = table.Column<string>(type: "TEXT", nullable: false),
                    generation = table.Column<long>(type: "INTEGER", nullable: false),
                    floor = table.Column<long>(type: "INTEGER", nullable: false),
                    format = table.Column<short>(type: "INTEGER", nullable: false),
                    payload = table.Column<byte[]>(type: "BLOB", nullable: false),
                    number = table.Column<long>(type: "INTEGER", nullable: true),
                    position = table.Column<long>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false),
                    stale_for = table.Column<long>(type: "INTEGER", nullable: false),
                    sliding = table.Column<long>(type: "INTEGER", nullable: false),
                    ends_at = table.Column<long>(type: "INTEGER", nullable: false),
                    tag_count = table.Column<short>(type: "INTEGER", nullable: false),
                    tags = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cache_entries", x => new { x.tenant, x.key });
                });

            migrationBuilder.CreateTable(
                name: "cache_leases",
                columns: table => new
                {
                    tenant = table.Column<string>(type: "TEXT", nullable: false),
                    key = table.Column<string>(type: "TEXT", nullable: false),
                    owner = table.Column<string>(type: "TEXT", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cache_leases", x => new { x.tenant, x.key });
                });

            migrationBuilder.CreateTable(
                name: "cache_log",
                columns: table => new
                {
                    position = table.Column<long>(type: "INTEGER", nullable: false),
                    origin = table.Column<long>(type: "INTEGER", nullable: false),
                    kind = table.Column<short>(type: "INTEGER", nullable: false),
                    tenant = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cache_log", x => x.position);
                });

            migrationBuilder.CreateTable(
                name: "cache_marks",
                columns: table => new
                {
                    tenant = table.Column<string>(type: "TEXT", nullable: false),
                    kind = table.Column<short>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    position = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cache_marks", x => new { x.tenant, x.kind, x.name });
                });

            migrationBuilder.CreateTable(
                name: "cache_state",
                columns: table => new
                {
                    id = table.Column<short>(type: "INTEGER", nullable: false),
                    installation = table.Column<string>(type: "TEXT", nullable: false),
                    generation = table.Column<long>(type: "INTEGER", nullable: false),
                    holder = table.Column<string>(type: "TEXT", nullable: false),
                    @base = table.Column<long>(name: "base", type: "INTEGER", nullable: false),
                    position = table.Column<long>(type: "INTEGER", nullable: false),
                    away_until = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cache_state", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_cache_entries_ends_at",
                table: "cache_entries",
                column: "ends_at");

            migrationBuilder.CreateIndex(
                name: "ix_cache_leases_until",
                table: "cache_leases",
                column: "until");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
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
        }
    }
}
