using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudStore.Storage.Records.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class SecretsEncrypted : Migration
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "token",
                table: "store_secrets");

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
