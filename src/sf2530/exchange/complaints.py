"""Why a file in `IN` can't be taken: the code, the text and the advice for each reason, in one place.

Their alarms are closed when the file is taken, and when it no longer lies in `IN`, by whichever process
sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from sf2530.exchange.alarms import raise_alarm
from sf2530.exchange.desk import described
from sf2530.exchange.file_names import FileNameRefused
from sf2530.exchange.mailbox import MailboxRefused, NoAnswer
from sf2530.exchange.patience import Complaint, Patience
from sf2530.exchange.xml_parsing import DocumentError
from sf2530.language import _

CODES: Final = (
    "metadata-missing",
    "metadata-unreadable",
    "metadata-other-name",
    "metadata-not-for-us",
    "data-missing",
    "data-refused",
    "size-wrong",
    "file-too-large",
    "file-name-refused",
)
RECEIPT_CODES: Final = (
    "receipt-unreadable",
    "receipt-refused-to-us",
    "receipt-not-taken",
    "receipt-not-deleted",
)


def raise_due(
    tx: Connection, troubled: Mapping[str, Complaint], *, patience: Patience, now: datetime
) -> frozenset[str]:
    """Raise the alarm of each complaint that has lasted, and give those names.

    `patience` is only asked: the caller tells it of them after the commit.
    """
    due = {
        name: complaint for name, complaint in troubled.items() if patience.is_due(name, complaint.code, now)
    }
    for name, complaint in sorted(due.items()):
        raise_alarm(
            tx, code=complaint.code, subject=name, text=complaint.text, remedy=complaint.remedy, now=now
        )
    return frozenset(due)


def without_metadata() -> Complaint:
    """Complain of a data file that nothing announces."""
    return Complaint(
        code="metadata-missing",
        text=_("A file lies in IN without its metadata file"),
        remedy=_ask_the_operator(),
    )


def unreadable(error: DocumentError) -> Complaint:
    """Complain of metadata that can't be read."""
    return Complaint(
        code="metadata-unreadable",
        text=_("The metadata of a file can't be read: %(why)s") % {"why": error.what},
        remedy=_ask_the_operator(),
    )


def other_name() -> Complaint:
    """Complain of metadata that speak of another file than their own name says."""
    return Complaint(
        code="metadata-other-name",
        text=_("The metadata of a file name another file"),
        remedy=_ask_the_operator(),
    )


def not_for_us(own_name: str) -> Complaint:
    """Complain of a file that is addressed to others."""
    return Complaint(
        code="metadata-not-for-us",
        text=_("A file lies in IN that is not addressed to %(own_name)s") % {"own_name": own_name},
        remedy=_("Nobody has read it. Tell the platform's operator, and check the own name in the settings."),
    )


def without_data() -> Complaint:
    """Complain of metadata whose file is not there."""
    return Complaint(
        code="data-missing",
        text=_("A metadata file lies in IN, and the file it announces does not"),
        remedy=_ask_the_operator(),
    )


def gone() -> Complaint:
    """Complain of a file that was listed, and is not there when it is read."""
    return Complaint(
        code="data-missing",
        text=_("A file was listed in IN, and was gone when it was to be read"),
        remedy=_ask_the_operator(),
    )


def refused(error: MailboxRefused | NoAnswer) -> Complaint:
    """Complain of a file that the server does not let us read, or is silent about."""
    return Complaint(
        code="data-refused",
        text=_("A file in IN can't be read: %(why)s") % {"why": error.what},
        remedy=_ask_the_operator(),
    )


def wrong_size(*, announced: int) -> Complaint:
    """Complain of a file that has another size than its metadata say. It may still be growing."""
    return Complaint(
        code="size-wrong",
        text=_("A file in IN does not have the announced size of %(announced)s bytes")
        % {"announced": announced},
        remedy=_ask_the_operator(),
    )


def too_large(*, limit: int) -> Complaint:
    """Complain of a file that is announced larger than we take."""
    return Complaint(
        code="file-too-large",
        text=_("A file in IN is larger than the %(limit)s bytes we take") % {"limit": limit},
        remedy=_("If it is right, raise `largest_file_bytes` in the settings and start again."),
    )


def name_refused(error: FileNameRefused) -> Complaint:
    """Complain of a name that no data file may have."""
    return Complaint(code="file-name-refused", text=error.what, remedy=_ask_the_operator())


def receipt_unreadable(error: DocumentError) -> Complaint:
    """Complain of a receipt that is no receipt."""
    return Complaint(
        code="receipt-unreadable",
        text=_("A receipt in IN can't be read: %(why)s") % {"why": error.what},
        remedy=_("It is left in IN and tried again. Ask the platform's operator about it."),
    )


def receipt_refused(error: MailboxRefused | NoAnswer) -> Complaint:
    """Complain of a receipt that the server does not let us read, or is silent about."""
    return Complaint(
        code="receipt-refused-to-us",
        text=_("A receipt in IN can't be read: %(why)s") % {"why": error.what},
        remedy=_("It is left in IN and tried again. Ask the platform's operator about it."),
    )


def receipt_not_taken(error: Exception) -> Complaint:
    """Complain of a receipt that what we do about it failed on."""
    return Complaint(
        code="receipt-not-taken",
        text=_("A receipt can't be taken: %(why)s") % {"why": described(error)},
        remedy=_("It is left in IN and tried again. The log tells more."),
    )


def receipt_not_deleted(error: MailboxRefused) -> Complaint:
    """Complain of a receipt that has been taken, and that the server does not let us delete."""
    return Complaint(
        code="receipt-not-deleted",
        text=_("A receipt that has been taken can't be deleted: %(why)s") % {"why": error.what},
        remedy=_("Nothing is lost, and it is tried again. Ask the platform's operator about it."),
    )


def _ask_the_operator() -> str:
    return _("It is left in IN and tried again by itself. Ask the platform's operator if it lasts.")
