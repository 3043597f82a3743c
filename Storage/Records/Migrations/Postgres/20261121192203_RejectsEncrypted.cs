using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudStore.Storage.Records.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class RejectsEncrypted : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "detail",
                table: "import_rejects",
                type: "bytea",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_import_rejects_id",
                table: "import_rejects",
                column: "id",
                filter: "detail IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_import_rejects_id",
                table: "import_rejects");

            migrationBuilder.DropColumn(
                name: "detail",
                table: "import_rejects");
        }
    }
}
