"""What KY stores: payout runs, answered agreements, payments, withholdings. Money is whole øre.

CPR numbers stand in `answered_agreement` and `payment`, and nowhere else.
"""

from __future__ import annotations

import sqlalchemy as sa

from sf2530.database.leases import lease_columns
from sf2530.database.types import RowId, UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_MUNICIPALITY_LENGTH = 4
_CPR_LENGTH = 10
_ID_LENGTH = 20  # LEVERANCEID, KRAVREF, BETALINGSREF
_AGREEMENT_LENGTH = 12
_BENEFIT_LENGTH = 4
_SHA256_LENGTH = 64

payout_run = sa.Table(
    "payout_run",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column("municipality", sa.String(_MUNICIPALITY_LENGTH), nullable=False),
    sa.Column("value_date", sa.Date, nullable=False),
    sa.Column("run_type", sa.String(2), nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("period_from", sa.Date, nullable=False),  # the benefit period it pays for
    sa.Column("period_to", sa.Date, nullable=False),
    sa.Column("ask_on", sa.Date, nullable=False),
    sa.Column("problem", sa.Text),  # what a person has to look at, masked; none while all is well
    sa.Column("planned_at", UtcDateTime, nullable=False),
    sa.Column("asked_at", UtcDateTime),
    sa.Column("delivered_at", UtcDateTime),
    sa.Column("answered_at", UtcDateTime),
    sa.Column("allocated_at", UtcDateTime),
    sa.Column("reported_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("rejected_at", UtcDateTime),
    sa.Column("held_at", UtcDateTime),
    # the accepted answer
    sa.Column("answer_id", sa.String(_ID_LENGTH)),  # its LEVERANCEID, else its SendersFileId
    sa.Column("answer_name", sa.String(255)),
    sa.Column("answer_sha256", sa.String(_SHA256_LENGTH)),
    sa.Column("agreements", sa.BigInteger),
    sa.Column("agreed_ore", sa.BigInteger),
    # the payments list, whole
    sa.Column("payments_complete_at", UtcDateTime),
    sa.Column("payments", sa.BigInteger),
    sa.Column("net_ore", sa.BigInteger),
    # the withholdings, and the report that was written from them
    sa.Column("withheld_ore", sa.BigInteger),
    sa.Column("reported", sa.BigInteger),
    sa.Column("reported_ore", sa.BigInteger),
    *lease_columns(),
    # Planning twice plans once: the business date is part of the key.
    sa.UniqueConstraint("municipality", "value_date", "run_type", "sequence", name="uq_payout_run_key"),
)
sa.Index("ix_payout_run_work", payout_run.c.state, payout_run.c.id)
sa.Index(None, payout_run.c.value_date, payout_run.c.municipality)

answered_agreement = sa.Table(
    "answered_agreement",
    metadata,
    sa.Column("run_id", sa.BigInteger, sa.ForeignKey("payout_run.id"), primary_key=True),
    sa.Column("agreement_number", sa.String(_AGREEMENT_LENGTH), primary_key=True),
    sa.Column("cpr", sa.String(_CPR_LENGTH), nullable=False),
    sa.Column("agreement_type", sa.String(2), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("agreed_ore", sa.BigInteger, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),  # none: open
    sa.Column("due_date", sa.Date),
    sa.Column("contributions", sa.Integer, nullable=False),
    sa.Column("claim_reference", sa.String(_ID_LENGTH), nullable=False),
    sa.CheckConstraint("agreed_ore >= 0", name="agreed_not_negative"),
    sqlite_with_rowid=False,
)

benefit = sa.Table(
    "benefit",
    metadata,
    sa.Column("code", sa.String(_BENEFIT_LENGTH), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("withheld_from", sa.Boolean, nullable=False),  # may child support be set off in it
)

payment = sa.Table(
    "payment",
    metadata,
    sa.Column("run_id", sa.BigInteger, sa.ForeignKey("payout_run.id"), primary_key=True),
    sa.Column("payment_reference", sa.String(_ID_LENGTH), primary_key=True),
    sa.Column("cpr", sa.String(_CPR_LENGTH), nullable=False),
    sa.Column("benefit_code", sa.ForeignKey("benefit.code"), nullable=False),
    sa.Column("period_from", sa.Date, nullable=False),
    sa.Column("period_to", sa.Date, nullable=False),
    sa.Column("gross_ore", sa.BigInteger, nullable=False),
    sa.Column("deductions_ore", sa.BigInteger, nullable=False),  # tax, ATP and debts that go before ours
    sa.Column("net_ore", sa.BigInteger, nullable=False),
    sa.CheckConstraint("net_ore = gross_ore - deductions_ore", name="net_is_gross_less_deductions"),
    sqlite_with_rowid=False,
)

withholding = sa.Table(
    "withholding",
    metadata,
    sa.Column("run_id", sa.BigInteger, primary_key=True),
    sa.Column("agreement_number", sa.String(_AGREEMENT_LENGTH), primary_key=True),
    sa.Column("withheld_ore", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String(2), nullable=False),
    # the payment that the report names: the first one taken from, else the person's first; none without any
    sa.Column("payment_reference", sa.String(_ID_LENGTH)),
    sa.ForeignKeyConstraint(
        ["run_id", "agreement_number"],
        ["answered_agreement.run_id", "answered_agreement.agreement_number"],
    ),
    sa.CheckConstraint("withheld_ore >= 0", name="withheld_not_negative"),
    sqlite_with_rowid=False,
)

withholding_share = sa.Table(
    "withholding_share",
    metadata,
    sa.Column("run_id", sa.BigInteger, primary_key=True),
    sa.Column("agreement_number", sa.String(_AGREEMENT_LENGTH), primary_key=True),
    sa.Column("payment_reference", sa.String(_ID_LENGTH), primary_key=True),
    sa.Column("withheld_ore", sa.BigInteger, nullable=False),
    sa.ForeignKeyConstraint(
        ["run_id", "agreement_number"], ["withholding.run_id", "withholding.agreement_number"]
    ),
    sa.ForeignKeyConstraint(["run_id", "payment_reference"], ["payment.run_id", "payment.payment_reference"]),
    sa.CheckConstraint("withheld_ore > 0", name="share_positive"),
    sqlite_with_rowid=False,
)

refused_file = sa.Table(
    "refused_file",
    metadata,
    sa.Column("incoming_file_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("run_id", sa.BigInteger, sa.ForeignKey("payout_run.id"), index=True),  # none: of no run of ours
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),  # the code of the alarm it raised
    sa.Column("findings", sa.JSON, nullable=False),  # masked texts, as a person sees them
    sa.Column("findings_total", sa.BigInteger, nullable=False),
    sa.Column("refused_at", UtcDateTime, nullable=False),
)
"""Every incoming file that changed no run's money: what was wrong with it, for people."""
