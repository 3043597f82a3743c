using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace CloudStore.Storage.Records.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Protection : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "rows_flagged",
                table: "import_jobs",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "audit_events",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    tenant = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    origin = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    action = table.Column<string>(type: "text", nullable: false),
                    record_type = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    record_id = table.Column<Guid>(type: "uuid", nullable: true),
                    items = table.Column<long>(type: "bigint", nullable: true),
                    before = table.Column<byte[]>(type: "bytea", nullable: true),
                    after = table.Column<byte[]>(type: "bytea", nullable: true),
                    details = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    mac = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_events", x => x.sequence);
                });

            migrationBuilder.CreateTable(
                name: "audit_log",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    size = table.Column<long>(type: "bigint", nullable: false),
                    watermark = table.Column<long>(type: "bigint", nullable: false),
                    scan_from = table.Column<long>(type: "bigint", nullable: false),
                    checkpoint = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_log", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "compliance_results",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    check_id = table.Column<Guid>(type: "uuid", nullable: false),
                    product_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    rule = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    verdict = table.Column<string>(type: "text", nullable: false),
                    sales_checked = table.Column<long>(type: "bigint", nullable: false),
                    sales_unchecked = table.Column<long>(type: "bigint", nullable: false),
                    violation_count = table.Column<long>(type: "bigint", nullable: false),
                    amounts = table.Column<byte[]>(type: "bytea", nullable: false),
                    scope = table.Column<string>(type: "jsonb", nullable: false),
                    checked_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
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
                    table.PrimaryKey("pk_compliance_results", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "data_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    subject = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    purpose = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    wrapped = table.Column<byte[]>(type: "bytea", nullable: true),
                    master_key_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    nonce_prefixes = table.Column<long>(type: "bigint", nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_data_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "demand_patterns",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    natural_key = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    kind = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    measure = table.Column<string>(type: "text", nullable: false),
                    store_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    day_of_week = table.Column<string>(type: "jsonb", nullable: true),
                    month = table.Column<string>(type: "jsonb", nullable: true),
                    level = table.Column<double>(type: "double precision", nullable: true),
                    trend_per_week = table.Column<double>(type: "double precision", nullable: true),
                    trend_low = table.Column<double>(type: "double precision", nullable: true),
                    trend_high = table.Column<double>(type: "double precision", nullable: true),
                    demand_class = table.Column<string>(type: "text", nullable: true),
                    adi = table.Column<double>(type: "double precision", nullable: true),
                    cv2 = table.Column<double>(type: "double precision", nullable: true),
                    sample_size = table.Column<int>(type: "integer", nullable: false),
                    days = table.Column<int>(type: "integer", nullable: false),
                    confidence = table.Column<double>(type: "double precision", nullable: false),
                    notes = table.Column<string>(type: "jsonb", nullable: false),
                    scope = table.Column<string>(type: "jsonb", nullable: false),
                    valid_from = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    valid_to = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    sales_version = table.Column<string>(type: "text", nullable: false, collation: "C"),
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
                    table.PrimaryKey("pk_demand_patterns", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "erasure_marks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    subject_hash = table.Column<byte[]>(type: "bytea", nullable: true),
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
                    table.PrimaryKey("pk_erasure_marks", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "insights",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    confidence = table.Column<double>(type: "double precision", nullable: false),
                    amounts = table.Column<byte[]>(type: "bytea", nullable: false),
                    actions = table.Column<string>(type: "jsonb", nullable: false),
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
                    table.PrimaryKey("pk_insights", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "key_ring",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    master_key_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    generation = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_key_ring", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "key_rotations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    owner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    state = table.Column<string>(type: "text", nullable: false),
                    started_by = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    encrypt_clear = table.Column<bool>(type: "boolean", nullable: false),
                    pass = table.Column<int>(type: "integer", nullable: false),
                    pass_started_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    pass_rows = table.Column<long>(type: "bigint", nullable: false),
                    place = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    position = table.Column<Guid>(type: "uuid", nullable: false),
                    rows_read = table.Column<long>(type: "bigint", nullable: false),
                    rows_encrypted = table.Column<long>(type: "bigint", nullable: false),
                    rows_unreadable = table.Column<long>(type: "bigint", nullable: false),
                    rows_in_clear = table.Column<long>(type: "bigint", nullable: false),
                    problem = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    lease = table.Column<Guid>(type: "uuid", nullable: true),
                    lease_until = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    finished_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_key_rotations", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "legal_holds",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    record_type = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    subject = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    record_id = table.Column<Guid>(type: "uuid", nullable: true),
                    until = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
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
                    table.PrimaryKey("pk_legal_holds", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "risk_assessments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    product_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    score = table.Column<double>(type: "double precision", nullable: true),
                    level = table.Column<string>(type: "text", nullable: false),
                    amounts = table.Column<byte[]>(type: "bytea", nullable: false),
                    mitigations = table.Column<string>(type: "jsonb", nullable: false),
                    confidence = table.Column<double>(type: "double precision", nullable: false),
                    as_of = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    scope = table.Column<string>(type: "jsonb", nullable: false),
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
                    table.PrimaryKey("pk_risk_assessments", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "sales",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    natural_key = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    product_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    product_name = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    category = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    store_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    invoice_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    line_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    customer_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    quantity = table.Column<decimal>(type: "numeric", nullable: true),
                    currency = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    sold_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    season = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    prices = table.Column<byte[]>(type: "bytea", nullable: false),
                    above_mrp = table.Column<bool>(type: "boolean", nullable: false),
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
                    table.PrimaryKey("pk_sales", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "scenarios",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    kind = table.Column<string>(type: "text", nullable: false),
                    parameters = table.Column<string>(type: "jsonb", nullable: false),
                    amounts = table.Column<byte[]>(type: "bytea", nullable: false),
                    confidence = table.Column<double>(type: "double precision", nullable: false),
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
                    table.PrimaryKey("pk_scenarios", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "spool_outcomes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    target = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    received_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: true, collation: "C"),
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
                    table.PrimaryKey("pk_spool_outcomes", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_id",
                table: "audit_events",
                column: "id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_record_id",
                table: "audit_events",
                column: "record_id",
                filter: "record_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_sequence",
                table: "audit_events",
                columns: new[] { "tenant", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_compliance_results_product_id_id",
                table: "compliance_results",
                columns: new[] { "tenant", "product_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_data_keys_owner_subject_purpose",
                table: "data_keys",
                columns: new[] { "owner", "subject", "purpose" },
                unique: true,
                filter: "state = 'Active'");

            migrationBuilder.CreateIndex(
                name: "ix_data_keys_owner_subject_purpose_version",
                table: "data_keys",
                columns: new[] { "owner", "subject", "purpose", "version" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_demand_patterns_natural_key",
                table: "demand_patterns",
                columns: new[] { "tenant", "natural_key" },
                unique: true,
                filter: "deleted_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_demand_patterns_subject",
                table: "demand_patterns",
                columns: new[] { "tenant", "subject" });

            migrationBuilder.CreateIndex(
                name: "ix_erasure_marks_created_at",
                table: "erasure_marks",
                columns: new[] { "tenant", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_insights_id",
                table: "insights",
                columns: new[] { "tenant", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_key_rotations_owner",
                table: "key_rotations",
                column: "owner",
                unique: true,
                filter: "state = 'Running'");

            migrationBuilder.CreateIndex(
                name: "ix_legal_holds_id",
                table: "legal_holds",
                columns: new[] { "tenant", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_risk_assessments_product_id_id",
                table: "risk_assessments",
                columns: new[] { "tenant", "product_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_sales_category_sold_at",
                table: "sales",
                columns: new[] { "tenant", "category", "sold_at" });

            migrationBuilder.CreateIndex(
                name: "ix_sales_customer_id",
                table: "sales",
                columns: new[] { "tenant", "customer_id" },
                filter: "customer_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_sales_natural_key",
                table: "sales",
                columns: new[] { "tenant", "natural_key" },
                unique: true,
                filter: "deleted_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_sales_product_id_sold_at",
                table: "sales",
                columns: new[] { "tenant", "product_id", "sold_at" });

            migrationBuilder.CreateIndex(
                name: "ix_sales_sold_at",
                table: "sales",
                columns: new[] { "tenant", "sold_at" });

            migrationBuilder.CreateIndex(
                name: "ix_scenarios_id",
                table: "scenarios",
                columns: new[] { "tenant", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit_events");

            migrationBuilder.DropTable(
                name: "audit_log");

            migrationBuilder.DropTable(
                name: "compliance_results");

            migrationBuilder.DropTable(
                name: "data_keys");

            migrationBuilder.DropTable(
                name: "demand_patterns");

            migrationBuilder.DropTable(
                name: "erasure_marks");

            migrationBuilder.DropTable(
                name: "insights");

            migrationBuilder.DropTable(
                name: "key_ring");

            migrationBuilder.DropTable(
                name: "key_rotations");

            migrationBuilder.DropTable(
                name: "legal_holds");

            migrationBuilder.DropTable(
                name: "risk_assessments");

            migrationBuilder.DropTable(
                name: "sales");

            migrationBuilder.DropTable(
                name: "scenarios");

            migrationBuilder.DropTable(
                name: "spool_outcomes");

            migrationBuilder.DropColumn(
                name: "rows_flagged",
                table: "import_jobs");
        }
    }
}
