"""Begin: runs, answered agreements, payments, withholdings, and what taking part in the exchange stores."""

import sqlalchemy as sa
from alembic import op

from sf2530.database.types import UtcDateTime

revision = "ky_0001"
down_revision = None


def upgrade() -> None:
    """Bring the database from the revision before to this one."""
    op.create_table(
        "benefit",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("withheld_from", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_benefit")),
    )
    op.create_table(
        "payout_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("municipality", sa.String(length=4), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("run_type", sa.String(length=2), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("ask_on", sa.Date(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("allocated_at", UtcDateTime(), nullable=True),
        sa.Column("reported_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("rejected_at", UtcDateTime(), nullable=True),
        sa.Column("held_at", UtcDateTime(), nullable=True),
        sa.Column("answer_id", sa.String(length=20), nullable=True),
        sa.Column("answer_name", sa.String(length=255), nullable=True),
        sa.Column("answer_sha256", sa.String(length=64), nullable=True),
        sa.Column("agreements", sa.BigInteger(), nullable=True),
        sa.Column("agreed_ore", sa.BigInteger(), nullable=True),
        sa.Column("payments_complete_at", UtcDateTime(), nullable=True),
        sa.Column("payments", sa.BigInteger(), nullable=True),
        sa.Column("net_ore", sa.BigInteger(), nullable=True),
        sa.Column("withheld_ore", sa.BigInteger(), nullable=True),
        sa.Column("reported", sa.BigInteger(), nullable=True),
        sa.Column("reported_ore", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_run")),
        sa.UniqueConstraint("municipality", "value_date", "run_type", "sequence", name="uq_payout_run_key"),
    )
    with op.batch_alter_table("payout_run", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payout_run_value_date_municipality"), ["value_date", "municipality"], unique=False
        )
        batch_op.create_index("ix_payout_run_work", ["state", "id"], unique=False)

    op.create_table(
        "answered_agreement",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("agreement_number", sa.String(length=12), nullable=False),
        sa.Column("cpr", sa.String(length=10), nullable=False),
        sa.Column("agreement_type", sa.String(length=2), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("agreed_ore", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("contributions", sa.Integer(), nullable=False),
        sa.Column("claim_reference", sa.String(length=20), nullable=False),
        sa.CheckConstraint("agreed_ore >= 0", name=op.f("ck_answered_agreement_agreed_not_negative")),
        sa.ForeignKeyConstraint(["run_id"], ["payout_run.id"], name=op.f("fk_answered_agreement_run_id")),
        sa.PrimaryKeyConstraint("run_id", "agreement_number", name=op.f("pk_answered_agreement")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "payment",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_reference", sa.String(length=20), nullable=False),
        sa.Column("cpr", sa.String(length=10), nullable=False),
        sa.Column("benefit_code", sa.String(length=4), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("gross_ore", sa.BigInteger(), nullable=False),
        sa.Column("deductions_ore", sa.BigInteger(), nullable=False),
        sa.Column("net_ore", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "net_ore = gross_ore - deductions_ore", name=op.f("ck_payment_net_is_gross_less_deductions")
        ),
        sa.ForeignKeyConstraint(["benefit_code"], ["benefit.code"], name=op.f("fk_payment_benefit_code")),
        sa.ForeignKeyConstraint(["run_id"], ["payout_run.id"], name=op.f("fk_payment_run_id")),
        sa.PrimaryKeyConstraint("run_id", "payment_reference", name=op.f("pk_payment")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "refused_file",
        sa.Column("incoming_file_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("findings_total", sa.BigInteger(), nullable=False),
        sa.Column("refused_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["payout_run.id"], name=op.f("fk_refused_file_run_id")),
        sa.PrimaryKeyConstraint("incoming_file_id", name=op.f("pk_refused_file")),
    )
    with op.batch_alter_table("refused_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refused_file_run_id"), ["run_id"], unique=False)

    op.create_table(
        "withholding",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("agreement_number", sa.String(length=12), nullable=False),
        sa.Column("withheld_ore", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=2), nullable=False),
        sa.Column("payment_reference", sa.String(length=20), nullable=True),
        sa.CheckConstraint("withheld_ore >= 0", name=op.f("ck_withholding_withheld_not_negative")),
        sa.ForeignKeyConstraint(
            ["run_id", "agreement_number"],
            ["answered_agreement.run_id", "answered_agreement.agreement_number"],
            name=op.f("fk_withholding_run_id_agreement_number"),
        ),
        sa.PrimaryKeyConstraint("run_id", "agreement_number", name=op.f("pk_withholding")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "withholding_share",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("agreement_number", sa.String(length=12), nullable=False),
        sa.Column("payment_reference", sa.String(length=20), nullable=False),
        sa.Column("withheld_ore", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("withheld_ore > 0", name=op.f("ck_withholding_share_share_positive")),
        sa.ForeignKeyConstraint(
            ["run_id", "agreement_number"],
            ["withholding.run_id", "withholding.agreement_number"],
            name=op.f("fk_withholding_share_run_id_agreement_number"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id", "payment_reference"],
            ["payment.run_id", "payment.payment_reference"],
            name=op.f("fk_withholding_share_run_id_payment_reference"),
        ),
        sa.PrimaryKeyConstraint(
            "run_id", "agreement_number", "payment_reference", name=op.f("pk_withholding_share")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.create_index(
            "alarm_open_once",
            ["code", "subject"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "disclosure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("numbers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "incoming_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("metadata_sha256", sa.String(length=64), nullable=False),
        sa.Column("transfer_id", sa.String(length=255), nullable=False),
        sa.Column("sender", sa.String(length=255), nullable=False),
        sa.Column("senders_file_id", sa.String(length=255), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("repeat_of", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("conflict_with", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome", sa.String(length=200), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["conflict_with"], ["incoming_file.id"]),
        sa.ForeignKeyConstraint(["repeat_of"], ["incoming_file.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("incoming_file", schema=None) as batch_op:
        batch_op.create_index(
            "incoming_file_name_once",
            ["sender", "name"],
            unique=True,
            sqlite_where=sa.text("repeat_of IS NULL AND conflict_with IS NULL"),
            postgresql_where=sa.text("repeat_of IS NULL AND conflict_with IS NULL"),
        )
        batch_op.create_index(
            "incoming_file_still_in_our_in",
            ["id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "incoming_file_transfer_once",
            ["sender", "transfer_id"],
            unique=True,
            sqlite_where=sa.text("repeat_of IS NULL AND conflict_with IS NULL"),
            postgresql_where=sa.text("repeat_of IS NULL AND conflict_with IS NULL"),
        )
        batch_op.create_index("ix_incoming_file_work", ["state", "id"], unique=False)

    op.create_table(
        "outgoing_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.String(length=255), nullable=False),
        sa.Column("senders_file_id", sa.String(length=255), nullable=False),
        sa.Column("routing", sa.Text(), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sendings", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("transfer_id", sa.String(length=255), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("senders_file_id"),
    )
    with op.batch_alter_table("outgoing_file", schema=None) as batch_op:
        batch_op.create_index("ix_outgoing_file_work", ["state", "id"], unique=False)

    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("outgoing_file", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["outgoing_file"], ["outgoing_file.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", "sha256", name="receipt_once"),
    )
    op.create_table(
        "content",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("inline", sa.LargeBinary(), nullable=True),
        sa.Column("file_name", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("sha256"),
        sa.UniqueConstraint("file_name"),
    )
    op.create_table(
        "content_chunk",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["content.sha256"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sha256", "number"),
    )
