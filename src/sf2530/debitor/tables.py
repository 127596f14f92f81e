"""What UDK Debitor stores. Money is whole øre; CPR numbers stand in `agreement` and `refused_line` only."""

from __future__ import annotations

import sqlalchemy as sa

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


agreement = sa.Table(
    "agreement",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column("agreement_number", sa.String(12), nullable=False, unique=True, doc="AFTALENR, twelve digits"),
    sa.Column("cpr", sa.String(10), nullable=False, doc="PNR, the person who owes"),
    sa.Column("municipality", sa.String(4), nullable=False, doc="KOMMUNENR, the one that pays the benefit"),
    sa.Column("agreement_type", sa.String(2), nullable=False, doc="AFTALETYPE, two digits"),
    sa.Column("priority", sa.SmallInteger, nullable=False, doc="PRIORITET, 1 is filled first"),
    sa.Column("monthly_ore", sa.BigInteger, nullable=False, doc="MDRBELOEB, agreed per month"),
    sa.Column("contributions", sa.SmallInteger, nullable=False, doc="ANTAL_BIDRAG, children covered"),
    sa.Column("valid_from", sa.Date, nullable=False, doc="GYLDIG_FRA, first day"),
    sa.Column("valid_to", sa.Date, doc="GYLDIG_TIL, last day; NULL while it is open"),
    sa.Column("due_date", sa.Date, doc="FORFALDSDATO of the contribution"),
    sa.Column("claim_reference", sa.String(20), nullable=False, doc="KRAVREF, our own claim"),
    sa.Column("state", sa.String(10), nullable=False, doc="AgreementState"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("monthly_ore > 0", name="amount_positive"),
    sa.CheckConstraint("priority BETWEEN 1 AND 99", name="priority_two_digits"),
    sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_it_begins"),
    # An answer is read along this index: one municipality's agreements, in the answer's order.
    sa.Index(None, "municipality", "cpr", "priority", "agreement_number"),
)

inquiry = sa.Table(
    "inquiry",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column("delivery_id", sa.String(20), nullable=False, unique=True, doc="LEVERANCEID of the inquiry"),
    sa.Column("municipality", sa.String(4), nullable=False),
    sa.Column("value_date", sa.Date, nullable=False, doc="DISPOSITIONSDATO, the day of payout"),
    sa.Column("run_type", sa.String(2), nullable=False, doc="RunType"),
    sa.Column("sequence", sa.SmallInteger, nullable=False),
    sa.Column("period_from", sa.Date, doc="benefit period; NULL when refused"),
    sa.Column("period_to", sa.Date, doc="last day of the benefit period, included; NULL when refused"),
    sa.Column("state", sa.String(10), nullable=False, doc="InquiryState"),
    sa.Column("agreements", sa.Integer, nullable=False, doc="marks set, and records in the answer"),
    sa.Column("agreed_ore", sa.BigInteger, nullable=False, doc="sum of the marks"),
    sa.Column("content_sha256", sa.String(64), nullable=False, doc="of the inquiry's bytes"),
    sa.Column("received_file_id", sa.BigInteger, nullable=False, doc="incoming_file"),
    sa.Column("reply_file_id", sa.BigInteger, doc="outgoing_file: the answer, or the reject answer"),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("replied_at", UtcDateTime, nullable=False),
    sa.Index(None, "value_date", "municipality"),
)

expectation = sa.Table(
    "expectation",
    metadata,
    # The key is the promise: an agreement is marked at most once per inquiry.
    sa.Column("inquiry_id", sa.ForeignKey(inquiry.c.id), primary_key=True),
    sa.Column("agreement_id", sa.ForeignKey(agreement.c.id), primary_key=True),
    sa.Column("agreed_ore", sa.BigInteger, nullable=False, doc="as answered"),
    sa.Column("withheld_ore", sa.BigInteger, nullable=False, doc="as settled; 0 until then"),
    sa.Column("state", sa.String(10), nullable=False, doc="ExpectationState"),
    sa.Column("reason", sa.String(2), doc="WithholdingReason of the line that settled it"),
    sa.Column("report_id", sa.BigInteger, doc="withholding_report that settled it"),
    sa.Column("report_line", sa.Integer, doc="and its line"),
    sa.CheckConstraint("withheld_ore BETWEEN 0 AND agreed_ore", name="withheld_within_agreed"),
    sqlite_with_rowid=False,
)

withholding_report = sa.Table(
    "withholding_report",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column("delivery_id", sa.String(20), nullable=False, unique=True, doc="LEVERANCEID of the report"),
    sa.Column("inquiry_id", sa.ForeignKey(inquiry.c.id), index=True, doc="NULL: of no known one"),
    sa.Column("municipality", sa.String(4), nullable=False),
    sa.Column("value_date", sa.Date, nullable=False),
    sa.Column("state", sa.String(24), nullable=False, doc="ReportState"),
    sa.Column("lines", sa.Integer, nullable=False),
    sa.Column("refused_lines", sa.Integer, nullable=False),
    sa.Column("withheld_ore", sa.BigInteger, nullable=False, doc="sum of the lines that settled"),
    sa.Column("content_sha256", sa.String(64), nullable=False, doc="of the report's bytes"),
    sa.Column("received_file_id", sa.BigInteger, nullable=False, doc="incoming_file"),
    sa.Column("reply_file_id", sa.BigInteger, doc="outgoing_file: the reject answer, when refused"),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("settled_at", UtcDateTime, nullable=False),
)

withholding = sa.Table(
    "withholding",
    metadata,
    sa.Column("report_id", sa.ForeignKey(withholding_report.c.id), primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True, doc="LBNR in the report"),
    sa.Column("inquiry_id", sa.BigInteger, nullable=False),
    sa.Column("agreement_id", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(10), nullable=False, doc="ExpectationState that it leads to"),
    sa.Column("withheld_ore", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String(2), nullable=False, doc="WithholdingReason"),
    sa.Column("benefit_code", sa.String(4), nullable=False, doc="YDELSESKODE"),
    sa.Column("payment_reference", sa.String(20), nullable=False, doc="BETALINGSREF"),
    sa.ForeignKeyConstraint(
        ["inquiry_id", "agreement_id"], [expectation.c.inquiry_id, expectation.c.agreement_id]
    ),
    sa.UniqueConstraint("report_id", "agreement_id"),
    sqlite_with_rowid=False,
)

refused_line = sa.Table(
    "refused_line",
    metadata,
    sa.Column("report_id", sa.ForeignKey(withholding_report.c.id), primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True, doc="LBNR in the report"),
    sa.Column("refusal", sa.String(24), nullable=False, doc="LineRefusal"),
    sa.Column("agreement_number", sa.String(12), nullable=False),
    sa.Column("cpr", sa.String(10), nullable=False),
    sa.Column("agreed_ore", sa.BigInteger, nullable=False),
    sa.Column("withheld_ore", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String(2), nullable=False),
)

refused_file = sa.Table(
    "refused_file",
    metadata,
    sa.Column("received_file_id", sa.BigInteger, primary_key=True, autoincrement=False, doc="incoming_file"),
    sa.Column("kind", sa.String(10), nullable=False, doc="FileKind"),
    sa.Column("delivery_id", sa.String(20), doc="as claimed; NULL when it can't be read"),
    sa.Column("findings", sa.JSON, nullable=False, doc="masked, as in the reject answer"),
    sa.Column("reply_file_id", sa.BigInteger, doc="outgoing_file; NULL when not even a reject could be made"),
    sa.Column("refused_at", UtcDateTime, nullable=False),
)
"""Every file that was refused as a whole, with all its errors."""
