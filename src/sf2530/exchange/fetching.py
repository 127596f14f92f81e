"""The fetching pass: read what lies in `IN`, metadata first, and register it before anyone looks inside.

Read outside any transaction, several files at once; archive and register them in one. Nothing is deleted
here: a process that dies at any point (crash point `after-fetch`) leaves the files in `IN`, and they are
fetched again. What is not right yet (one half missing, another size than announced, unreadable metadata)
is left where it is and looked at again; a person hears of it if it lasts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from sf2530 import crashing
from sf2530.exchange import complaints, incoming
from sf2530.exchange.alarms import close_alarms, raise_alarm
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
from sf2530.exchange.mailbox import Mailbox, MailboxRefused, NotInMailbox
from sf2530.exchange.patience import Complaint, Patience
from sf2530.exchange.xml_parsing import LARGEST_DOCUMENT, DocumentError
from sf2530.exchange.xml_reading import read_metadata

_log = structlog.get_logger()
_Outcome = tuple[str, Fetched | Complaint]


async def fetch(mailbox: Mailbox, desk: Desk, listing: Mapping[str, int], *, patience: Patience) -> int:
    """Fetch the files in `listing` (a fresh look into `IN`) that are not registered yet; give how many.

    One file's trouble stops no other. Raises MailboxUnreachable when the connection is gone.
    """
    now = desk.clock()
    known = await desk.commit(lambda tx, _now: {file.name for file in incoming.still_in_our_in(tx)})
    announced = _data_file_names(listing)
    patience.forget_absent({*listing, *announced})
    names = [name for name in announced if name not in known and patience.may_look(name, now)]
    registered = 0
    for portion in desk.portions(names):
        outcomes = await asyncio.gather(*(_fetch(mailbox, desk, name, listing) for name in portion))
        crashing.reached("after-fetch")
        registered += await desk.commit(partial(_register_all, outcomes=outcomes, patience=patience))
        crashing.reached("after-register")
    return registered


def _data_file_names(listing: Mapping[str, int]) -> list[str]:
    """Give the data files that the listing tells of, by themselves or by their metadata."""
    names = {name.removesuffix(METADATA) for name in listing if not name.endswith((RECEIPT, TEMPORARY))}
    return sorted(names)


async def _fetch(mailbox: Mailbox, desk: Desk, name: str, listing: Mapping[str, int]) -> _Outcome:
    try:
        return name, await _fetch_in_order(mailbox, desk, name, listing)
    except NotInMailbox:
        return name, complaints.gone()
    except MailboxRefused as error:
        return name, complaints.refused(error)
    except FileNameRefused as error:
        return name, complaints.name_refused(error)
    except DocumentError as error:
        return name, complaints.unreadable(error)


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


def _register_all(tx: Connection, now: datetime, *, outcomes: Sequence[_Outcome], patience: Patience) -> int:
    """Register each file in a savepoint of its own; give how many were registered."""
    registered = 0
    for name, outcome in outcomes:
        if isinstance(outcome, Complaint):
            _log.info("file-not-taken-yet", file=name, reason=outcome.code)
            if patience.disappoint(name, now):
                _raise(tx, name, outcome, now=now)
            continue
        registered += _register_one(tx, outcome, now)
        if patience.content(name):
            close_alarms(tx, codes=complaints.CODES, subject=name, now=now)
    return registered


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


def _raise(tx: Connection, name: str, complaint: Complaint, *, now: datetime) -> None:
    raise_alarm(tx, code=complaint.code, subject=name, text=complaint.text, remedy=complaint.remedy, now=now)
