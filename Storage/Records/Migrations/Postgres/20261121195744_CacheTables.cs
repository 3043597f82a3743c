using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudStore.Storage.Records.Migrations.Postgres
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
