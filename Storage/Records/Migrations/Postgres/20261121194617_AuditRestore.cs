using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudStore.Storage.Records.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class AuditRestore : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit_archived_tiles");

            migrationBuilder.DropTable(
                name: "audit_late");

            migrationBuilder.DropColumn(
                name: "gaps",
                table: "audit_log");
        }
    }
}
