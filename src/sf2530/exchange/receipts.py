"""The receipts pass: the platform's technical receipts close what we have sent, and nothing else does.

Read outside any transaction; archive the bytes and close the file in one; only then delete on the hub
(crash point `after-receipt`: the receipt is read again, found to be known, and deleted), and only if what
stands there is still what was read. A receipt may come early (before we noted that we sent), late, twice,
or for nothing we know. One that can't be read, taken or deleted is left for later and stops no other.

What a receipt does to a file: SUCCESS closes it as delivered, whatever it was before, since the platform
has it. Errors close it as refused unless it is delivered already: a refused second copy takes nothing
back. They do so once: a refusal that is known already, and was only not deleted, says nothing of a file
that a person has sent again since. A message that is neither is for a person to judge, so it counts as a
refusal.

A newer receipt that takes an older one's place between our last look and the deletion is lost. The file
is then sent again when its receipt is overdue, and the platform answers it again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from sf2530 import crashing
from sf2530.database import content as archive
from sf2530.errors import UnreachableError
from sf2530.exchange import complaints, outgoing
from sf2530.exchange.advice import command
from sf2530.exchange.alarms import close_alarms, raise_alarm
from sf2530.exchange.desk import Desk, described
from sf2530.exchange.documents import ErrorMessage, TechnicalReceipt
from sf2530.exchange.file_names import RECEIPT
from sf2530.exchange.mailbox import Mailbox, MailboxRefused, MailboxUnreachable, NoAnswer, NotInMailbox
from sf2530.exchange.outgoing import OutgoingFile
from sf2530.exchange.patience import Complaint, Patience
from sf2530.exchange.states import OutgoingState
from sf2530.exchange.tables import receipt
from sf2530.exchange.xml_parsing import LARGEST_DOCUMENT, DocumentError
from sf2530.exchange.xml_reading import read_technical_receipt
from sf2530.language import _

_log = structlog.get_logger()
_UNTAKEN = tuple(code for code in complaints.RECEIPT_CODES if code != "receipt-not-deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptHooks:
    """What a party does when one of its files is closed, in the transaction that closes it.

    A hook may run again for the same file: a person may send a refused file again. One that raises undoes
    this receipt alone; it is taken again later.
    """

    delivered: Callable[[Connection, OutgoingFile], None] | None = None
    refused: Callable[[Connection, OutgoingFile, Sequence[ErrorMessage]], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What came of a portion in its transaction: may be deleted, is left for later, has a new alarm."""

    done: Mapping[str, bytes]
    troubled: Mapping[str, Complaint]
    told: frozenset[str]


async def take_receipts(
    mailbox: Mailbox, desk: Desk, listing: Mapping[str, int], *, hooks: ReceiptHooks, patience: Patience
) -> int:
    """Take the receipts in `listing`, a fresh look into `IN`; give how many were taken and deleted.

    One receipt's trouble stops no other. Raises MailboxUnreachable, with what was read taken, when the
    connection is gone.
    """
    now = desk.clock()
    names = [name for name in listing if name.endswith(RECEIPT) and patience.may_look(name, now)]
    taken = 0
    for portion in patience.in_portions(sorted(names), desk.settings.files_at_once):
        read = dict(
            zip(portion, await asyncio.gather(*(_read(mailbox, name) for name in portion)), strict=True)
        )
        found = await desk.commit(partial(_take_all, read=read, hooks=hooks, patience=patience))
        _remember(patience, found, desk.clock())
        crashing.reached("after-receipt")
        for outcome in read.values():
            if isinstance(outcome, MailboxUnreachable):
                raise outcome
        taken += await _delete_all(mailbox, desk, found.done, patience=patience)
    return taken


def _remember(patience: Patience, found: _Taken, now: datetime) -> None:
    for name, complaint in found.troubled.items():
        patience.disappoint(name, now, told=complaint.code if name in found.told else None)


async def _read(mailbox: Mailbox, name: str) -> bytes | Complaint | MailboxUnreachable | None:
    try:
        return await mailbox.read(name, limit=LARGEST_DOCUMENT)
    except NotInMailbox:  # another process of ours was faster
        return None
    except MailboxRefused as error:
        return complaints.receipt_refused(error)
    except MailboxUnreachable as error:
        return error


async def _delete_all(mailbox: Mailbox, desk: Desk, done: Mapping[str, bytes], *, patience: Patience) -> int:
    """Delete what was taken, give how many are gone; what the server keeps is tried again, less and less."""
    outcomes = await asyncio.gather(*(_delete(mailbox, name, data) for name, data in done.items()))
    kept = {name: outcome for name, outcome in zip(done, outcomes, strict=True) if outcome is not None}
    for name in done.keys() - kept.keys():
        patience.content(name)
    if kept:
        told = await desk.commit(lambda tx, now: complaints.raise_due(tx, kept, patience=patience, now=now))
        _remember(patience, _Taken(done={}, troubled=kept, told=told), desk.clock())
    return len(done) - len(kept)


async def _delete(mailbox: Mailbox, name: str, data: bytes) -> Complaint | None:
    """Delete a receipt, unless another has taken its place."""
    try:
        if await mailbox.read(name, limit=LARGEST_DOCUMENT) == data:
            await mailbox.delete(name)
    except NotInMailbox:
        return None
    except MailboxRefused as error:
        return complaints.receipt_not_deleted(error)
    return None


def _take_all(
    tx: Connection,
    now: datetime,
    *,
    read: Mapping[str, bytes | Complaint | MailboxUnreachable | None],
    hooks: ReceiptHooks,
    patience: Patience,
) -> _Taken:
    """Take each receipt in a savepoint of its own."""
    done: dict[str, bytes] = {}
    troubled: dict[str, Complaint] = {}
    for name, data in read.items():
        complaint = _take_one(tx, name, data, hooks=hooks, now=now) if isinstance(data, bytes) else data
        if isinstance(complaint, NoAnswer):
            complaint = complaints.receipt_refused(complaint)
        if isinstance(complaint, Complaint):
            troubled[name] = complaint
        elif isinstance(data, bytes):
            done[name] = data
            close_alarms(tx, codes=_UNTAKEN, subject=name, now=now)
    told = complaints.raise_due(tx, troubled, patience=patience, now=now)
    return _Taken(done=done, troubled=troubled, told=told)


def _take_one(
    tx: Connection, name: str, data: bytes, *, hooks: ReceiptHooks, now: datetime
) -> Complaint | None:
    try:
        document = read_technical_receipt(data)
    except DocumentError as error:
        return complaints.receipt_unreadable(error)
    try:
        with tx.begin_nested():
            _register(tx, name, data, document=document, hooks=hooks, now=now)
    except UnreachableError:  # the database: nobody's hook is to blame, and the other receipts fail too
        raise
    except Exception as error:  # noqa: BLE001  a party's hook; one receipt must not stop the others
        _log.error("receipt-not-taken", file=name, error=described(error))
        return complaints.receipt_not_taken(error)
    return None


def _register(
    tx: Connection, name: str, data: bytes, *, document: TechnicalReceipt, hooks: ReceiptHooks, now: datetime
) -> None:
    file = outgoing.find(tx, name=name.removesuffix(RECEIPT), lock=True)
    if file is not None and document.senders_file_id not in {None, file.senders_file_id}:
        file = None
    is_new = _archive(tx, name, data, file=file, now=now)
    if file is None:
        _raise_unexpected(tx, name, now=now)
    elif document.succeeded:
        _deliver(tx, file, document, hooks=hooks, now=now)
    elif is_new:
        _refuse(tx, file, document, hooks=hooks, now=now)


def _archive(tx: Connection, name: str, data: bytes, *, file: OutgoingFile | None, now: datetime) -> bool:
    """Keep the receipt; tell if it is new, or the same one again and kept already."""
    row = {"name": name, "sha256": hashlib.sha256(data).hexdigest(), "received_at": now}
    try:
        with tx.begin_nested():
            archive.put(tx, data)
            tx.execute(sa.insert(receipt).values(**row, outgoing_file=None if file is None else file.id))
    except IntegrityError:
        _log.info("receipt-repeated", file=name)
        return False
    return True


def _deliver(
    tx: Connection, file: OutgoingFile, document: TechnicalReceipt, *, hooks: ReceiptHooks, now: datetime
) -> None:
    if file.state is OutgoingState.DELIVERED:
        return
    outgoing.close(tx, file, to=OutgoingState.DELIVERED, transfer_id=document.transfer_id, now=now)
    if hooks.delivered is not None:
        hooks.delivered(tx, file)
    _log.info("file-delivered", file=file.name, transfer=document.transfer_id)


def _refuse(
    tx: Connection, file: OutgoingFile, document: TechnicalReceipt, *, hooks: ReceiptHooks, now: datetime
) -> None:
    if file.state in {OutgoingState.DELIVERED, OutgoingState.REFUSED}:
        _log.info("refusal-after-the-end", file=file.name, state=file.state)
        return
    outgoing.close(tx, file, to=OutgoingState.REFUSED, transfer_id=document.transfer_id, now=now)
    if hooks.refused is not None:
        hooks.refused(tx, file, document.errors)
    raise_alarm(
        tx,
        code="receipt-refused",
        subject=file.name,
        text=_("%(subject)s: the platform refuses the file. %(reasons)s")
        % {"subject": file.subject, "reasons": _reasons(document)},
        remedy=_(
            "Remove the reason, then send the file again with `%(command)s`; or correct it under a new name."
        )
        % {"command": command(tx, f"files send-again {file.id}")},
        now=now,
    )


def _reasons(document: TechnicalReceipt) -> str:
    told = [f"{error.code} {error.description}: {error.detail}" for error in document.errors]
    return "; ".join(told) or _("The platform says “%(message)s”") % {"message": document.message}


def _raise_unexpected(tx: Connection, name: str, *, now: datetime) -> None:
    raise_alarm(
        tx,
        code="receipt-unexpected",
        subject=name,
        text=_("A receipt has come for a file that we have not sent"),
        remedy=_("It is kept in the archive. Find out who else sends as our user."),
        now=now,
    )
