"""Foreign parts speak with our hub: OpenSSH's sftp, paramiko, and spsftp, a client of the real platform."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncssh
import paramiko
import pytest
import spsftp
from tests.party.hub.hub_town import Client, HubTown, make_settings, trigger_for

from sf2530.hub.serving import serving

CONTENT = b"0123456789\r\n" * 20_000
SFTP = shutil.which("sftp")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[HubTown]:
    """Give a hub, and KY with an RSA key, as the clients of the real platform use."""
    settings = make_settings(tmp_path, f"sqlite:///{tmp_path}/hub.db")
    async with serving(settings) as hub:
        town = HubTown(hub)
        town.has_system("KY", key=asyncssh.generate_private_key("ssh-rsa", key_size=3072))
        town.has_system("UDKDEB", key=asyncssh.generate_private_key("ssh-rsa", key_size=3072), root="Trigger")
        town.has_route("KY", "UDKDEB")
        yield town


@pytest.fixture
async def udk(town: HubTown) -> AsyncIterator[Client]:
    """Give the recipient's session."""
    async with town.client("UDKDEB") as client:
        yield client


@pytest.fixture
def key_file(town: HubTown, tmp_path: Path) -> Callable[[str], str]:
    """Give a function that writes a system's private key to a file, as these clients want it."""

    def write(name: str) -> str:
        path = tmp_path / f"{name}.key"
        path.write_bytes(town.keys[name].export_private_key("pkcs1-pem"))
        path.chmod(0o600)
        return str(path)

    return write


async def has_arrived(udk: Client, town: HubTown, name: str) -> None:
    assert await udk.gets(f"IN/{name}") == CONTENT
    assert await udk.lists("IN") == [name, f"{name}.metadata"]
    async with town.client("KY") as ky:
        assert (await ky.receipt(name)).succeeded
        assert await ky.lists("OUT") == []


@pytest.mark.skipif(SFTP is None, reason="OpenSSH's sftp is not installed")
async def test_openssh_sftp_sends_lists_and_fetches(
    town: HubTown, udk: Client, tmp_path: Path, key_file: Callable[[str], str]
) -> None:
    (tmp_path / "A.txt").write_bytes(CONTENT)
    (tmp_path / "A.txt.trigger").write_bytes(trigger_for("A.txt", CONTENT))
    said = await run_sftp(
        town,
        key_file("KY"),
        f"lcd {tmp_path}\ncd OUT\nput -p A.txt A.part\nrename A.part A.txt\nls -l\n"
        "put A.txt.trigger\nls -l /IN\nget /IN/A.txt.sftpreceipt\nrm /IN/A.txt.sftpreceipt\ndf\npwd\n",
    )

    assert "Remote working directory: /OUT" in said
    assert "A.txt.sftpreceipt" in said
    assert b"SUCCESS" in (tmp_path / "A.txt.sftpreceipt").read_bytes()
    assert await udk.gets("IN/A.txt") == CONTENT


@pytest.mark.skipif(SFTP is None, reason="OpenSSH's sftp is not installed")
async def test_openssh_sftp_resumes_an_upload(
    town: HubTown, tmp_path: Path, key_file: Callable[[str], str]
) -> None:
    (tmp_path / "whole").write_bytes(CONTENT)
    async with town.client("KY") as ky:
        await ky.puts("OUT/A.txt", CONTENT[:100_000])
        await run_sftp(town, key_file("KY"), f"reput {tmp_path}/whole OUT/A.txt\n")
        assert await ky.gets("OUT/A.txt") == CONTENT


async def run_sftp(town: HubTown, key_file: str, batch: str) -> str:
    assert SFTP is not None
    known_hosts = Path(key_file).with_name("known_hosts")
    known_hosts.write_text(f"[127.0.0.1]:{town.hub.port} {town.hub.host_key}\n", encoding="ascii")
    options = [f"-oUserKnownHostsFile={known_hosts}", f"-oIdentityFile={key_file}"]
    options += ["-oIdentitiesOnly=yes", "-oStrictHostKeyChecking=yes", "-oLogLevel=ERROR"]
    command = [SFTP, "-F/dev/null", *options, f"-P{town.hub.port}", "-b-", "KY@127.0.0.1"]
    done = await asyncio.to_thread(
        subprocess.run, command, input=batch.encode(), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


async def test_paramiko_sends_and_fetches(town: HubTown, udk: Client, key_file: Callable[[str], str]) -> None:
    key = paramiko.RSAKey.from_private_key_file(key_file("KY"))

    def send() -> None:
        with paramiko.Transport((town.hub.host, town.hub.port)) as transport:
            transport.connect(username="KY", pkey=key)
            sftp = paramiko.SFTPClient.from_transport(transport)
            assert sftp is not None
            sftp.putfo(io.BytesIO(CONTENT), "./OUT/A.txt")
            trigger = trigger_for("A.txt", CONTENT)
            sftp.putfo(io.BytesIO(trigger), "./OUT/A.txt.trigger")  # asks for its size afterwards
            assert sftp.listdir("IN") == ["A.txt.sftpreceipt"]
            with sftp.open("IN/A.txt.sftpreceipt") as receipt:
                assert b"SUCCESS" in receipt.read()

    await asyncio.to_thread(send)
    await has_arrived(udk, town, "A.txt")


async def test_spsftp_sends_and_receives(town: HubTown, udk: Client, key_file: Callable[[str], str]) -> None:
    def session(name: str) -> Any:
        where = {"user": name, "host": town.hub.host, "port": town.hub.port, "ssh_key_path": key_file(name)}
        return spsftp.SpSftp(where)

    def send_and_receive() -> bytes:
        ky, debitor = session("KY"), session("UDKDEB")
        ky.connect()
        ky.send(io.BytesIO(CONTENT), "A.txt", "UDKDEB")
        ky.disconnect()
        debitor.connect()
        got = io.BytesIO()
        debitor.recv("A.txt", got, "KY")  # reads and checks the metadata first
        debitor.disconnect()
        return got.getvalue()

    assert await asyncio.to_thread(send_and_receive) == CONTENT
    await has_arrived(udk, town, "A.txt")
