"""What a client may do over SFTP: a file system of two folders whose files are rows.

`OUT` can be written, resumed, renamed within, deleted from and listed; closing a trigger there routes.
`IN` can be listed, read and deleted from. Nothing else exists, and every request that asyncssh would
carry out on the machine's own files is answered here.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final, NoReturn

import asyncssh
import sqlalchemy as sa
import structlog

from sf2530.hub import attributes, entries, ledger, names, receiving, uploads
from sf2530.hub.closing import close_reading, close_writing
from sf2530.hub.handles import Reading, Writing
from sf2530.hub.ledger import Actor
from sf2530.hub.names import Folder, Place
from sf2530.hub.opening import begin_writing, check_open_files, open_for_reading
from sf2530.hub.receiving import NotThere
from sf2530.hub.refusals import told_to_the_client
from sf2530.hub.session import Session
from sf2530.hub.states import EventKind
from sf2530.language import _

_WRITES: Final = asyncssh.FXF_WRITE | asyncssh.FXF_APPEND | asyncssh.FXF_CREAT | asyncssh.FXF_TRUNC
_log = structlog.get_logger()
_LONGEST_READ = 262_144  # bytes for one request; more is asked for again, as every client does


class FileSystem(asyncssh.SFTPServer):
    """The two folders of one system, for one SFTP session."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], session: Session) -> None:
        super().__init__(channel)
        self.client_is_gone = False  # set before what it has left open is closed for it
        self._session = session

    # Opening, reading, writing, closing

    async def open(self, path: bytes, pflags: int, _attrs: asyncssh.SFTPAttrs) -> Writing | Reading:
        """Open a file: in `OUT` to be written, or to be read."""
        with self._told("open", path):
            place = _file_place(path)
            check_open_files(self._session)
            if not pflags & _WRITES:
                if place.folder is Folder.IN:
                    self._session.receipt_seen(place.name)
                handle: Writing | Reading = await open_for_reading(self._session, place)
            else:
                _check_in_out(place)
                handle = await begin_writing(self._session, place.name, pflags)
            self._session.open_files += 1
            return handle

    async def open56(self, path: bytes, *_rest: Any) -> NoReturn:
        """Refuse a request of a later version of SFTP."""
        self._refuse("open56", path)

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Read from an open file."""
        size = min(size, _LONGEST_READ)
        with self._told("read"):
            if isinstance(file_obj, Reading):
                return await file_obj.read(offset, size)
            return _writing(file_obj).spool.read(offset, size)

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write to an open file."""
        with self._told("write"):
            _writing(file_obj).write(offset, data)
            return len(data)

    async def close(self, file_obj: object) -> None:
        """Close a file; for an upload: make it lasting, and act on a trigger.

        What is closed for a client that is gone had no word from it: such an upload is not finished.
        """
        by_client = not self.client_is_gone
        self._session.open_files -= 1
        try:
            with self._told("close"):
                if isinstance(file_obj, Reading):
                    await close_reading(self._session, file_obj)
                else:
                    await close_writing(self._session, _writing(file_obj), by_client=by_client)
        except asyncssh.SFTPError:
            if by_client:
                raise  # otherwise nobody is there to be told, and the other files must be closed too

    async def fsync(self, file_obj: object) -> None:
        """Do nothing yet: a close makes the file lasting, and before it nothing is promised."""

    # Looking

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Tell about a file or folder."""
        with self._told("stat", path):
            place = _place(path)
            if place.is_folder:
                return attributes.of_folder(place.folder, now=self._session.services.clock())
            return await self._attributes_of_file(place)

    async def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Tell about a file or folder; there are no links."""
        return await self.stat(path)

    async def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        """Tell about an open file."""
        handle = file_obj if isinstance(file_obj, Reading) else _writing(file_obj)
        return attributes.of_handle(handle, now=self._session.services.clock())

    def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """List a folder."""
        with self._told("list", path):
            place = _place(path)
            if not place.is_folder:
                raise asyncssh.SFTPNotADirectory(_("This is not a folder."))
            return attributes.listing(self._session.services, self._session.system_id, place.folder)

    def realpath(self, path: bytes) -> bytes:
        """Give the absolute path."""
        return names.canonical(path)

    async def statvfs(self, path: bytes) -> asyncssh.SFTPVFSAttrs:
        """Answer `df`."""
        with self._told("df", path):
            _place(path)
            return self._space()

    async def fstatvfs(self, _file_obj: object) -> asyncssh.SFTPVFSAttrs:
        """Answer `df` for an open file."""
        return self._space()

    def format_user(self, _uid: int | None) -> str:
        """Name the owner in a long listing: the system itself, never an account of this machine."""
        return self._session.system

    def format_group(self, _gid: int | None) -> str:
        """Name the group in a long listing."""
        return "hub"

    # Changing

    async def remove(self, path: bytes) -> None:
        """Delete a file from `IN`, or take one back from `OUT`."""
        with self._told("remove", path):
            place = _file_place(path)
            if place.folder is Folder.IN:
                self._session.receipt_seen(place.name)
                verb = partial(_delete_entry, actor=self._session.actor(), name=place.name)
                await self._session.services.committer.commit(verb)
            else:
                await self._remove_from_out(place.name)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename a file within `OUT`, to a name that is free."""
        with self._told("rename", newpath):
            await self._rename(_file_place(oldpath), _file_place(newpath), replace=False)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename a file within `OUT`, in the place of one that has the name."""
        with self._told("rename", newpath):
            await self._rename(_file_place(oldpath), _file_place(newpath), replace=True)

    async def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Accept rights and times for a file in `OUT` without keeping them; sizes are set by writing."""
        with self._told("setstat", path):
            place = _file_place(path)
            _check_in_out(place)
            if attrs.size is not None:
                raise asyncssh.SFTPOpUnsupported(_("A file's size is changed by writing to it."))
            await self._attributes_of_file(place)

    async def lsetstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Do as `setstat`: there are no links."""
        await self.setstat(path, attrs)

    async def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """Set the size of an open upload; accept rights and times without keeping them."""
        with self._told("fsetstat"):
            writing = _writing(file_obj)
            if attrs.size is not None:
                writing.truncate(attrs.size)

    # What there is not

    async def mkdir(self, path: bytes, _attrs: asyncssh.SFTPAttrs) -> NoReturn:
        """Refuse: there are only `IN` and `OUT`."""
        self._refuse("mkdir", path)

    async def rmdir(self, path: bytes) -> NoReturn:
        """Refuse: there are only `IN` and `OUT`."""
        self._refuse("rmdir", path)

    async def readlink(self, path: bytes) -> NoReturn:
        """Refuse: there are no links."""
        self._refuse("readlink", path)

    async def symlink(self, _oldpath: bytes, newpath: bytes) -> NoReturn:
        """Refuse: there are no links."""
        self._refuse("symlink", newpath)

    async def link(self, _oldpath: bytes, newpath: bytes) -> NoReturn:
        """Refuse: there are no links."""
        self._refuse("link", newpath)

    async def lock(self, *_request: object) -> NoReturn:
        """Refuse: what is written is only visible once it is whole."""
        self._refuse("lock")

    async def unlock(self, *_request: object) -> NoReturn:
        """Refuse, as `lock`."""
        self._refuse("unlock")

    # Within

    def _told(self, request: str, path: bytes = b"") -> AbstractContextManager[None]:
        shown = path[:300].decode("utf-8", "backslashreplace")
        return told_to_the_client(request, system=self._session.system, path=shown)

    def _refuse(self, request: str, path: bytes = b"") -> NoReturn:
        with self._told(request, path):
            raise asyncssh.SFTPOpUnsupported(
                _("The hub has only the folders IN and OUT, with files in them.")
            )
        raise AssertionError

    async def _attributes_of_file(self, place: Place) -> asyncssh.SFTPAttrs:
        session, now = self._session, self._session.services.clock()
        if place.folder is Folder.IN:
            entry = await session.services.reader.ask(
                lambda tx: entries.find(tx, session.system_id, place.name)
            )
            if entry is None:
                raise NotThere(_("There is no such file."))
            return attributes.of_entry(entry)
        if (writing := session.services.under_way.find(session.system_id, place.name)) is not None:
            return attributes.of_handle(writing, now=now)
        file = await session.services.reader.ask(lambda tx: uploads.find(tx, session.system_id, place.name))
        if file is not None:
            return attributes.of_upload(file)
        if (size := session.size_of_just_closed(place.name)) is not None:
            return attributes.of_size(size, now=now)
        raise NotThere(_("There is no such file."))

    async def _remove_from_out(self, name: str) -> None:
        session = self._session
        was_under_way = session.services.under_way.abandon(session.system_id, name)
        session.forget(name)
        try:
            await session.services.committer.commit(
                partial(receiving.remove, actor=session.actor(), name=name)
            )
        except NotThere:
            if not was_under_way:
                raise

    async def _rename(self, old: Place, new: Place, *, replace: bool) -> None:
        _check_in_out(old)
        _check_in_out(new)
        names.check_name_in_out(new.name)
        session = self._session
        for name in (old.name, new.name):
            if session.services.under_way.find(session.system_id, name) is not None:
                raise asyncssh.SFTPFailure(_("The file is still being written. Close it first."))
        size = (await self._attributes_of_file(old)).size or 0
        verb = partial(
            receiving.rename,
            actor=session.actor(),
            old=old.name,
            new=new.name,
            replace=replace,
            rules=session.services.rules,
        )
        await session.services.committer.commit(verb)
        session.forget(old.name)
        session.closed(new.name, size)

    def _space(self) -> asyncssh.SFTPVFSAttrs:
        services = self._session.services
        if services.directory is None:
            largest = services.settings.limits.file_bytes
            return attributes.of_the_disk(largest, largest)
        usage = shutil.disk_usage(services.directory.path)
        return attributes.of_the_disk(usage.free, usage.total)


def _place(path: bytes) -> Place:
    if (place := names.place(path)) is None:
        raise NotThere(_("There is no such file or folder."))
    return place


def _file_place(path: bytes) -> Place:
    place = _place(path)
    if place.is_folder:
        raise asyncssh.SFTPFileIsADirectory(_("This is a folder."))
    return place


def _check_in_out(place: Place) -> None:
    if place.folder is not Folder.OUT:
        raise asyncssh.SFTPPermissionDenied(_("Files can be written in OUT only."))


def _writing(file_obj: object) -> Writing:
    if not isinstance(file_obj, Writing):
        raise asyncssh.SFTPPermissionDenied(_("The file is open for reading only."))
    return file_obj


def _delete_entry(tx: sa.Connection, actor: Actor, name: str) -> None:
    entry = entries.find(tx, actor.system_id, name)
    if entry is None:
        raise NotThere(_("There is no such file."))
    entries.delete(tx, entry, now=actor.now)
    event = actor.event(EventKind.DELETED, entry.transfer, file=name, kind_of_entry=entry.kind.value)
    ledger.append(tx, [event])
