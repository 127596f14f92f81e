"""Open a file for a client: one in `OUT` to be written or resumed, or any of its own to be read."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import asyncssh
import sqlalchemy as sa

from sf2530.database import content
from sf2530.database.content import CHUNK_BYTES, Spool, Stored
from sf2530.hub import entries, receiving, uploads
from sf2530.hub.entries import Entry
from sf2530.hub.handles import Fetch, Reading, UploadRefused, Writing
from sf2530.hub.names import Folder, Place, check_name_in_out
from sf2530.hub.receiving import AlreadyThere, NotThere
from sf2530.hub.services import Services
from sf2530.hub.session import Session
from sf2530.hub.states import UploadState
from sf2530.language import _


class _Found(NamedTuple):
    """A file and where its bytes are."""

    stored: Stored
    entry: Entry | None
    is_unfinished: bool


def check_open_files(session: Session) -> None:
    """Refuse a file too many. Raises UploadRefused."""
    limit = session.services.settings.limits.open_files
    if session.open_files >= limit:
        raise UploadRefused(
            _("This session holds %(limit)s files open; no more are allowed.") % {"limit": limit},
            remedy=_("Close some first."),
        )


async def open_for_reading(session: Session, place: Place) -> Reading:
    """Open a file to be read. Raises NotThere."""
    services = session.services
    writing = services.under_way.find(session.system_id, place.name) if place.folder is Folder.OUT else None
    if writing is not None:
        return Reading(size=writing.size, fetch=_from_spool(writing.spool))
    found = await services.reader.ask(partial(_find, session.system_id, place))
    return Reading(size=found.stored.size, entry=found.entry, fetch=_from_archive(services, found.stored))


async def begin_writing(session: Session, name: str, flags: int) -> Writing:
    """Open a file in `OUT` to be written; `flags` are those of SFTP version 3.

    What is there already is resumed, unless it is to be truncated; until the close it can't be routed.
    Raises NameRefused, AlreadyThere, NotThere or UploadRefused.
    """
    check_name_in_out(name)
    services = session.services
    older = services.under_way.find(session.system_id, name)
    found = await _found_in_out(session, name)
    if (older or found) and flags & asyncssh.FXF_EXCL:
        raise AlreadyThere(_("There is a file of that name."))
    if not (older or found or flags & asyncssh.FXF_CREAT):
        raise NotThere(_("There is no such file."))
    if found and not found.is_unfinished:
        await services.committer.commit(partial(receiving.begin_anew, actor=session.actor(), name=name))
    resumes = not flags & asyncssh.FXF_TRUNC
    if resumes and services.under_way.find(session.system_id, name) is not older:
        raise UploadRefused(
            _("Another session has just begun or ended this file."), remedy=_("Open it again.")
        )
    writing = Writing(
        system_id=session.system_id,
        name=name,
        spool=services.spool(),
        largest=services.settings.limits.file_bytes,
        appends=bool(flags & asyncssh.FXF_APPEND),
        has_row=found is not None,
    )
    if resumes:
        try:
            await _resume(services, writing, older, found)
        except BaseException:
            writing.spool.discard()
            raise
    services.under_way.begin(writing)  # and only now is the older one worth nothing
    return writing


async def _found_in_out(session: Session, name: str) -> _Found | None:
    try:
        query = partial(_find, session.system_id, Place(Folder.OUT, name))
        return await session.services.reader.ask(query)
    except NotThere:
        return None


async def _resume(services: Services, writing: Writing, older: Writing | None, found: _Found | None) -> None:
    """Begin with the bytes that are there: of an upload that hangs in another session, or of the row."""
    if older is not None:
        size, fetch = older.size, _from_spool(older.spool)
    elif found is not None:
        size, fetch = found.stored.size, _from_archive(services, found.stored)
    else:
        return
    while (offset := writing.size) < size:
        piece = await fetch(offset, CHUNK_BYTES)
        if not piece:
            raise EOFError("what is resumed is shorter than its size says")
        writing.spool.write(offset, piece)


def _find(system_id: int, place: Place, tx: sa.Connection) -> _Found:
    if place.folder is Folder.IN:
        entry = entries.find(tx, system_id, place.name)
        if entry is None:
            raise NotThere(_("There is no such file."))
        return _Found(content.find(tx, entry.sha256), entry, is_unfinished=False)
    file = uploads.find(tx, system_id, place.name)
    if file is None:
        raise NotThere(_("There is no such file."))
    unfinished = file.state is UploadState.UNFINISHED
    return _Found(content.find(tx, file.sha256), None, is_unfinished=unfinished)


def _from_spool(spool: Spool) -> Fetch:
    async def fetch(offset: int, length: int) -> bytes:
        return spool.read(offset, length)

    return fetch


def _from_archive(services: Services, stored: Stored) -> Fetch:
    async def fetch(offset: int, length: int) -> bytes:
        if stored.data is not None:
            return stored.data[offset : offset + length]
        return await services.reader.ask(
            partial(content.read, stored=stored, offset=offset, length=length, directory=services.directory)
        )

    return fetch
