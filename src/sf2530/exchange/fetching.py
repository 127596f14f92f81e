"""The fetching pass: read what lies in `IN`, metadata first, and register it before anyone looks inside.

Read outside any transaction, several files at once; archive and register them in one. Nothing is deleted
here: a process that dies at any point (crash point `after-fetch`) leaves the files in `IN`, and they are
fetched again. What is not right yet (one half missing, another size than announced, unreadable metadata)
is left where it is and looked at again, by itself; a person hears of it if it lasts, and no longer than
that: the alarm is closed when the file is registered, and when it is gone from `IN`, also by another process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from sf2530 import crashing
from sf2530.exchange import complaints, incoming
from sf2530.exchange.alarms import close_absent, close_alarms
from sf2530.exchange.desk import Desk
from sf2530.exchange.documents import ROUTING_RECIPIENT, FileMetadata
from sf2530.exchange.file_names import (
    METADATA,
    RECEIPT,
    TEMPORARY,
    FileNameRefused,
    check_data_file_name,
    metadata_name,
)
from sf2530.exchange.incoming import Fetched
from sf2530.exchange.mailbox import Mailbox, MailboxRefused, MailboxUnreachable, NoAnswer, NotInMailbox
from sf2530.exchange.patience import Complaint, Patience
from sf2530.exchange.xml_parsing import LARGEST_DOCUMENT, DocumentError
from sf2530.exchange.xml_reading import read_metadata

_log = structlog.get_logger()
_Outcome = Fetched | Complaint | MailboxUnreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Registered:
    """What came of a portion in its transaction: how many are new, which names are right, which are not."""

    count: int
    right: Collection[str]
    troubled: Mapping[str, Complaint]
    told: frozenset[str]


async def fetch(mailbox: Mailbox, desk: Desk, listing: Mapping[str, int], *, patience: Patience) -> int:
    """Fetch the files in `listing` (a fresh look into `IN`) that are not registered yet; give how many.

    One file's trouble stops no other. Raises MailboxUnreachable, with what was read registered, when the
    connection is gone.
    """
    now = desk.clock()
    announced = _data_file_names(listing)
    present = {*listing, *announced}
    known = await desk.commit(partial(_known, present=present))
    patience.forget_absent(present)
    names = [name for name in announced if name not in known and patience.may_look(name, now)]
    registered = 0
    for portion in patience.in_portions(names, desk.settings.files_at_once):
        outcomes = await asyncio.gather(*(_fetch(mailbox, desk, name, listing) for name in portion))
        crashing.reached("after-fetch")
        by_name = dict(zip(portion, outcomes, strict=True))
        done = await desk.commit(partial(_register_all, outcomes=by_name, patience=patience))
        _remember(patience, done, desk.clock())
        crashing.reached("after-register")
        registered += done.count
        for outcome in outcomes:
            if isinstance(outcome, MailboxUnreachable):
                raise outcome
    return registered


def _known(tx: Connection, now: datetime, *, present: Collection[str]) -> set[str]:
    """Give the names that are registered; and end the alarms about names that are not in `IN` any more."""
    codes = (*complaints.CODES, *complaints.RECEIPT_CODES)
    close_absent(tx, codes=codes, present=present, now=now)
    return {file.name for file in incoming.still_in_our_in(tx)}


def _remember(patience: Patience, done: _Registered, now: datetime) -> None:
    for name in done.right:
        patience.content(name)
    for name, complaint in done.troubled.items():
        patience.disappoint(name, now, told=complaint.code if name in done.told else None)


def _data_file_names(listing: Mapping[str, int]) -> list[str]:
    """Give the data files that the listing tells of, by themselves or by their metadata."""
    names = {name.removesuffix(METADATA) for name in listing if not name.endswith((RECEIPT, TEMPORARY))}
    return sorted(names)


async def _fetch(mailbox: Mailbox, desk: Desk, name: str, listing: Mapping[str, int]) -> _Outcome:
    try:
        return await _fetch_in_order(mailbox, desk, name, listing)
    except NotInMailbox:
        return complaints.gone()
    except MailboxRefused as error:
        return complaints.refused(error)
    except FileNameRefused as error:
        return complaints.name_refused(error)
    except DocumentError as error:
        return complaints.unreadable(error)
    except MailboxUnreachable as error:
        return error


async def _fetch_in_order(
    mailbox: Mailbox, desk: Desk, name: str, listing: Mapping[str, int]
) -> Fetched | Complaint:
    """Metadata, then what the listing says of the data file, then the data file."""
    check_data_file_name(name)
    if metadata_name(name) not in listing:
        return complaints.without_metadata()
    raw = await mailbox.read(metadata_name(name), limit=LARGEST_DOCUMENT)
    metadata = read_metadata(raw)
    if complaint := _judge(metadata, desk, name=name, size_bytes=listing.get(name)):
        return complaint
    announced = metadata.descriptor.size_bytes
    content = await mailbox.read(name, limit=announced)
    if len(content) != announced:
        return complaints.wrong_size(announced=announced)
    return Fetched(metadata=metadata, raw_metadata=raw, content=content)


def _judge(metadata: FileMetadata, desk: Desk, *, name: str, size_bytes: int | None) -> Complaint | None:
    descriptor = metadata.descriptor
    if descriptor.file_name != name:
        return complaints.other_name()
    if not {desk.own_name, ROUTING_RECIPIENT} & set(descriptor.recipients):
        return complaints.not_for_us(desk.own_name)
    if descriptor.size_bytes > desk.settings.largest_file_bytes:
        return complaints.too_large(limit=desk.settings.largest_file_bytes)
    if size_bytes is None:
        return complaints.without_data()
    if size_bytes != descriptor.size_bytes:
        return complaints.wrong_size(announced=descriptor.size_bytes)
    return None


def _register_all(
    tx: Connection, now: datetime, *, outcomes: Mapping[str, _Outcome], patience: Patience
) -> _Registered:
    """Register each file in a savepoint of its own."""
    fetched = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, Fetched)}
    count = 0
    for name, file in fetched.items():
        count += _register_one(tx, file, now)
        close_alarms(tx, codes=complaints.CODES, subject=name, now=now)
    troubled = _troubled(tx, outcomes)
    told = complaints.raise_due(tx, troubled, patience=patience, now=now)
    return _Registered(count=count, right=fetched.keys(), troubled=troubled, told=told)


def _troubled(tx: Connection, outcomes: Mapping[str, _Outcome]) -> dict[str, Complaint]:
    """Give the complaints, without those that another process of ours has met and registered meanwhile."""
    found = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, Complaint)}
    found |= {
        name: complaints.refused(outcome)
        for name, outcome in outcomes.items()
        if isinstance(outcome, NoAnswer)
    }
    if found:
        for file in incoming.still_in_our_in(tx):
            found.pop(file.name, None)
    for name, complaint in found.items():
        _log.info("file-not-taken-yet", file=name, reason=complaint.code)
    return found


def _register_one(tx: Connection, fetched: Fetched, now: datetime) -> bool:
    try:
        with tx.begin_nested():
            state = incoming.register(tx, fetched, now=now)
    except IntegrityError:  # another process of ours registers it at this moment
        return False
    if state is None:
        return False
    _log.info(
        "file-registered",
        file=fetched.name,
        bytes=len(fetched.content),
        state=state,
        transfer=fetched.metadata.transfer_id,
    )
    return True
