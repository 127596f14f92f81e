"""How rows look to a client: sizes, times and rights, as any SFTP program expects them."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar

import asyncssh
import sqlalchemy as sa

from sf2530.exchange.file_names import LONGEST_NAME_BYTES, RECEIPT
from sf2530.hub import entries, uploads
from sf2530.hub.entries import Entry
from sf2530.hub.handles import Reading, Writing
from sf2530.hub.names import Folder
from sf2530.hub.services import Services
from sf2530.hub.uploads import Upload

_FOLDER_RIGHTS: Final = {Folder.ROOT: 0o550, Folder.IN: 0o750, Folder.OUT: 0o770}
_IN_RIGHTS: Final = 0o440
_OUT_RIGHTS: Final = 0o660
_PAGE: Final = 500  # rows asked for at once
_BLOCK: Final = 4_096

Row = TypeVar("Row", Entry, Upload)


def of_folder(folder: Folder, *, now: datetime) -> asyncssh.SFTPAttrs:
    """Show a folder."""
    return _attributes(stat.S_IFDIR | _FOLDER_RIGHTS[folder], 0, now)


def of_entry(entry: Entry) -> asyncssh.SFTPAttrs:
    """Show what stands in `IN`."""
    return _attributes(stat.S_IFREG | _IN_RIGHTS, entry.size, entry.appeared_at)


def of_upload(file: Upload) -> asyncssh.SFTPAttrs:
    """Show a file in `OUT`."""
    return _attributes(stat.S_IFREG | _OUT_RIGHTS, file.size, file.changed_at)


def of_handle(handle: Writing | Reading, *, now: datetime) -> asyncssh.SFTPAttrs:
    """Show an open file."""
    if isinstance(handle, Reading) and handle.entry is not None:
        return of_entry(handle.entry)
    return of_size(handle.size, now=now)


def of_size(size: int, *, now: datetime) -> asyncssh.SFTPAttrs:
    """Show a file in `OUT` that has no row, or no row any more."""
    return _attributes(stat.S_IFREG | _OUT_RIGHTS, size, now)


def of_the_disk(free: int, total: int) -> asyncssh.SFTPVFSAttrs:
    """Answer `df`, in bytes."""
    return asyncssh.SFTPVFSAttrs(
        bsize=_BLOCK,
        frsize=_BLOCK,
        blocks=total // _BLOCK,
        bfree=free // _BLOCK,
        bavail=free // _BLOCK,
        namemax=LONGEST_NAME_BYTES - len(RECEIPT),
    )


async def listing(services: Services, system_id: int, folder: Folder) -> AsyncIterator[asyncssh.SFTPName]:
    """List a folder, by pages: an `IN` of 100,000 files is never held in memory."""
    now = services.clock()
    yield _name(".", of_folder(folder, now=now))
    yield _name("..", of_folder(Folder.ROOT, now=now))
    match folder:
        case Folder.ROOT:
            for inner in (Folder.IN, Folder.OUT):
                yield _name(inner, of_folder(inner, now=now))
        case Folder.IN:
            async for entry in _pages(services, system_id, entries.listing):
                yield _name(entry.name, of_entry(entry))
        case Folder.OUT:
            async for shown in _listing_of_out(services, system_id):
                yield shown


async def _listing_of_out(services: Services, system_id: int) -> AsyncIterator[asyncssh.SFTPName]:
    under_way = {writing.name: writing for writing in services.under_way.of_system(system_id)}
    async for file in _pages(services, system_id, uploads.listing):
        if file.name not in under_way:
            yield _name(file.name, of_upload(file))
    for name, writing in under_way.items():
        yield _name(name, of_handle(writing, now=services.clock()))


async def _pages(
    services: Services, system_id: int, listing_of: Callable[..., Sequence[Row]]
) -> AsyncIterator[Row]:
    after: str = ""
    while True:

        def page(tx: sa.Connection, after: str = after) -> Sequence[Row]:
            return listing_of(tx, system_id, after=after, limit=_PAGE)

        rows = await services.reader.ask(page)
        for row in rows:
            yield row
        if len(rows) < _PAGE:
            return
        after = rows[-1].name


def _name(name: str, attributes: asyncssh.SFTPAttrs) -> asyncssh.SFTPName:
    return asyncssh.SFTPName(name.encode(), attrs=attributes)


def _attributes(mode: int, size: int, at: datetime) -> asyncssh.SFTPAttrs:
    seconds = int(at.timestamp())
    return asyncssh.SFTPAttrs(size=size, uid=0, gid=0, permissions=mode, atime=seconds, mtime=seconds)
