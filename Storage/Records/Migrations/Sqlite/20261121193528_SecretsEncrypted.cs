using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudStore.Storage.Records.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class SecretsEncrypted : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "token",
                table: "store_secrets",
                type: "BLOB",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "token",
                table: "store_secrets");
        }
    }
}
