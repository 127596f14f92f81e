"""What a client may do in IN and OUT, what it may not, and that it learns nothing of anyone else."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

import asyncssh
import pytest
from tests.party.hub.hub_town import Client

from sf2530.hub.file_system import FileSystem

Forbidden = Callable[[asyncssh.SFTPClient], Awaitable[object]]

FORBIDDEN: dict[str, Forbidden] = {
    "write into IN": lambda sftp: sftp.open("IN/B.txt", "wb"),
    "overwrite in IN": lambda sftp: sftp.open("IN/A.txt", "r+b"),
    "rename within IN": lambda sftp: sftp.rename("IN/A.txt", "IN/B.txt"),
    "rename out of IN": lambda sftp: sftp.rename("IN/A.txt", "OUT/B.txt"),
    "rename into IN": lambda sftp: sftp.posix_rename("OUT/own.txt", "IN/B.txt"),
    "set times in IN": lambda sftp: sftp.utime("IN/A.txt", (1, 1)),
    "make a folder": lambda sftp: sftp.mkdir("OUT/folder"),
    "make a folder at the root": lambda sftp: sftp.mkdir("folder"),
    "remove a folder": lambda sftp: sftp.rmdir("IN"),
    "delete a folder": lambda sftp: sftp.remove("OUT"),
    "make a link": lambda sftp: sftp.symlink("/etc/passwd", "OUT/link"),
    "make a hard link": lambda sftp: sftp.link("OUT/own.txt", "OUT/link"),
    "read a link": lambda sftp: sftp.readlink("OUT/own.txt"),
    "cut a file off by its path": lambda sftp: sftp.truncate("OUT/own.txt", 1),
    "write at the root": lambda sftp: sftp.open("file.txt", "wb"),
    "read above the root": lambda sftp: sftp.open("../../etc/passwd", "rb"),
    "read beside": lambda sftp: sftp.open("/etc/passwd", "rb"),
    "read through OUT": lambda sftp: sftp.open("OUT/../../etc/passwd", "rb"),
    "read another's": lambda sftp: sftp.open("../KY/IN/A.txt", "rb"),
    "list beside": lambda sftp: sftp.listdir("/etc"),
    "list a file": lambda sftp: sftp.listdir("OUT/own.txt"),
    "a sub-folder": lambda sftp: sftp.open("OUT/sub/file.txt", "wb"),
    "rename to what is no name": lambda sftp: sftp.rename("OUT/own.txt", "OUT/.hidden"),
    "read what is not there": lambda sftp: sftp.open("IN/none", "rb"),
    "delete what is not there": lambda sftp: sftp.remove("IN/none"),
    "resume what is not there": lambda sftp: sftp.open("OUT/none", "r+b"),
    "make anew what is there": lambda sftp: sftp.open("OUT/own.txt", "xb"),
    "rename to a name that is taken": lambda sftp: sftp.rename("OUT/own.txt", "OUT/own2.txt"),
}

BAD_NAMES = [
    "x.metadata",
    "x.sftpreceipt",
    ".hidden",
    ".trigger",
    "x.trigger.trigger",
    " space",
    "back\\slash",
    "line\nend",
    "bell\a",
    "x" * 244,
    "æ" * 122,
    "." * 3,
]


@pytest.fixture
async def owner(ky: Client, udk: Client) -> asyncssh.SFTPClient:
    """Give UDK Debitor's session, with a file in its IN and two in its OUT."""
    await ky.sends("A.txt", b"1")
    await udk.puts("OUT/own.txt", b"own")
    await udk.puts("OUT/own2.txt", b"own too")
    return udk.sftp


async def test_what_is_forbidden_is_refused_and_changes_nothing(
    owner: asyncssh.SFTPClient, udk: Client
) -> None:
    for act, attempt in FORBIDDEN.items():
        with pytest.raises(asyncssh.SFTPError):
            pytest.fail(f"{act}: {await attempt(owner)}")

    assert await udk.lists("/") == ["IN", "OUT"]
    assert await udk.lists("IN") == ["A.txt", "A.txt.metadata"]
    assert await udk.lists("OUT") == ["own.txt", "own2.txt"]
    assert await udk.gets("OUT/own.txt") == b"own"


async def test_an_unusable_name_is_refused_at_once_with_a_message(ky: Client) -> None:
    for name in BAD_NAMES:
        with pytest.raises(asyncssh.SFTPError, match=r"file name|belong to the hub"):
            pytest.fail(f"{name}: {await ky.sftp.open(f'OUT/{name}', 'wb')}")
    assert await ky.lists("OUT") == []


async def test_a_name_that_is_no_text_is_not_there(ky: Client) -> None:
    with pytest.raises(asyncssh.SFTPNoSuchFile):
        await ky.sftp.open(b"OUT/\xff\xfe", "wb")


async def test_usual_names_are_allowed(ky: Client) -> None:
    names = ["'; --", ".x.txt.part", "x.filepart", "x.trigger.part", "Ærø 2026 (1).txt"]
    for name in names:
        await ky.puts(f"OUT/{name}", b"1")
    assert await ky.lists("OUT") == names


async def test_two_systems_can_not_see_each_other(ky: Client, udk: Client, other: Client) -> None:
    await ky.sends("A.txt", b"1")
    await ky.puts("OUT/private.txt", b"1")

    assert await other.lists("IN") == []
    assert await other.lists("OUT") == []
    for path in ("IN/A.txt", "OUT/private.txt", "IN/A.txt.sftpreceipt", "IN/A.txt.metadata"):
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await other.gets(path)
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await other.sftp.remove(path)
    assert await udk.gets("IN/A.txt") == b"1"


async def test_a_file_is_reached_by_every_spelling_of_its_path(
    owner: asyncssh.SFTPClient, udk: Client
) -> None:
    for path in ("IN/A.txt", "./IN/A.txt", "/IN/A.txt", "//IN//A.txt", "OUT/../IN/A.txt"):
        assert await udk.gets(path) == b"1"
        assert await owner.realpath(path) == "/IN/A.txt"


async def test_files_are_shown_with_size_time_and_the_own_name(owner: asyncssh.SFTPClient) -> None:
    shown = {str(name.filename): name for name in await owner.readdir("IN")}
    assert shown["A.txt"].attrs.size == 1
    assert str(shown["A.txt"].longname).split()[:4] == ["-r--r-----", "UDKDEB", "hub", "1"]
    assert (await owner.stat("OUT/own.txt")).size == 3
    assert await owner.isdir("IN")
    assert (await owner.statvfs("/")).namemax == 243


async def test_times_and_rights_in_out_are_accepted_and_not_kept(owner: asyncssh.SFTPClient) -> None:
    await owner.utime("OUT/own.txt", (1, 1))
    await owner.chmod("OUT/own.txt", 0o777)

    attributes = await owner.stat("OUT/own.txt")
    assert attributes.mtime != 1
    assert attributes.permissions is not None
    assert attributes.permissions & 0o777 == 0o660


async def test_an_asyncssh_client_can_copy_sparsely(
    owner: asyncssh.SFTPClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    target = tmp_path_factory.mktemp("got") / "A.txt"
    await owner.get("IN/A.txt", target)
    assert target.read_bytes() == b"1"


def test_no_request_reaches_the_real_file_system() -> None:
    inherited = {"channel", "connection", "env", "logger", "convert_attrs", "format_longname", "exit"}
    never_used = {"map_path", "reverse_map_path"}  # called by what is overridden only
    public = {name for name, _member in inspect.getmembers(asyncssh.SFTPServer) if not name.startswith("_")}
    assert public - inherited - never_used <= set(vars(FileSystem))


async def test_a_name_with_a_zero_byte_in_it_is_just_not_there(ky: Client) -> None:
    for path in ("IN/a\0b", "OUT/a\0b", "OUT\0"):
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await ky.sftp.stat(path)
