"""Our mailbox against OpenSSH's own server: a foreign part, with its own ideas of rename and open."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest
from structlog.testing import capture_logs
from tests.exchange.fake_hub import public_line
from tests.exchange.parties import until

from sf2530.exchange.mailbox import HostKeyRefused, Mailbox, MailboxSettings, NotInMailbox

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
CONTENT = b"0123456789" * 100_000
TRIGGER = b"<trigger/>"


class OpenSshServer:
    """`sshd` on a free port, with its own configuration, keys and log, serving one folder."""

    def __init__(self, folder: Path) -> None:
        self.area = folder / "area"
        self._folder = folder
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.other_host_key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
        client_key = asyncssh.generate_private_key("ssh-ed25519")
        for box in ("IN", "OUT"):
            (self.area / box).mkdir(parents=True)
        for name, key in (("host", self.host_key), ("other", self.other_host_key), ("client", client_key)):
            key.write_private_key(folder / name)
            (folder / name).chmod(0o600)
        client_key.write_public_key(folder / "authorized_keys")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def start(self) -> subprocess.Popen[bytes]:
        """Start it and wait until it listens."""
        configuration = self._folder / "sshd_config"
        configuration.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\n"
            f"HostKey {self._folder}/host\nHostKey {self._folder}/other\n"
            f"AuthorizedKeysFile {self._folder}/authorized_keys\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\n"
            f"PidFile none\nSubsystem sftp internal-sftp\nForceCommand internal-sftp -d {self.area}\n"
        )
        with (self._folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [SSHD, "-D", "-e", "-f", str(configuration)], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        give_up = time.monotonic() + 10
        while not self._listens():
            if server.poll() is not None or time.monotonic() > give_up:
                pytest.fail(f"sshd did not start: {(self._folder / 'log').read_text()}")
        return server

    def settings(self, *pinned: asyncssh.SSHKey) -> MailboxSettings:
        return MailboxSettings(
            host="127.0.0.1",
            port=self.port,
            user=_this_user(),
            key_file=self._folder / "client",
            host_keys=[public_line(key) for key in pinned or (self.host_key,)],
        )

    def _listens(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def _this_user() -> str:
    import pwd  # noqa: PLC0415  exists where sshd does

    return pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def openssh(tmp_path: Path) -> Iterator[OpenSshServer]:
    if not Path(SSHD).exists():
        pytest.skip("OpenSSH's sshd is not installed (Debian: apt-get install openssh-server)")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where its unprivileged half is locked into
    server = OpenSshServer(tmp_path)
    process = server.start()
    yield server
    process.terminate()
    process.wait()


async def test_a_file_and_its_trigger_are_delivered_whole(openssh: OpenSshServer) -> None:
    async with Mailbox(openssh.settings()) as mailbox:
        await mailbox.deliver("a.txt", CONTENT, TRIGGER)

    out = {path.name: path.read_bytes() for path in (openssh.area / "OUT").iterdir()}
    assert out == {"a.txt": CONTENT, "a.txt.trigger": TRIGGER}


async def test_leftovers_of_an_earlier_try_are_made_good(openssh: OpenSshServer) -> None:
    for leftover in ("a.txt", "a.txt.part", "a.txt.trigger", "a.txt.trigger.part"):
        (openssh.area / "OUT" / leftover).write_bytes(b"half")
        async with Mailbox(openssh.settings()) as mailbox:
            await mailbox.deliver("a.txt", CONTENT, TRIGGER)
        out = {path.name: path.read_bytes() for path in (openssh.area / "OUT").iterdir()}
        assert out == {"a.txt": CONTENT, "a.txt.trigger": TRIGGER}
        for path in (openssh.area / "OUT").iterdir():
            path.unlink()


async def test_a_folder_without_the_right_to_rename_is_used_without(openssh: OpenSshServer) -> None:
    async with Mailbox(openssh.settings().model_copy(update={"temporary_names": False})) as mailbox:
        await mailbox.deliver("a.txt", CONTENT, TRIGGER)

    out = {path.name: path.read_bytes() for path in (openssh.area / "OUT").iterdir()}
    assert out == {"a.txt": CONTENT, "a.txt.trigger": TRIGGER}


async def test_what_lies_in_in_is_listed_read_and_deleted(openssh: OpenSshServer) -> None:
    (openssh.area / "IN" / "a.txt").write_bytes(CONTENT)

    async with Mailbox(openssh.settings()) as mailbox:
        assert await mailbox.list_incoming() == {"a.txt": len(CONTENT)}
        assert await mailbox.read("a.txt", limit=len(CONTENT)) == CONTENT
        await mailbox.delete("a.txt")
        await mailbox.delete("a.txt")
        with pytest.raises(NotInMailbox):
            await mailbox.read("a.txt", limit=1)
        assert await mailbox.list_incoming() == {}


async def test_either_of_its_host_keys_may_be_the_pinned_one(openssh: OpenSshServer) -> None:
    for key in (openssh.host_key, openssh.other_host_key):
        async with Mailbox(openssh.settings(key)) as mailbox:
            assert await mailbox.list_incoming() == {}


async def test_a_host_key_that_it_only_announces_is_logged_and_not_believed(
    openssh: OpenSshServer,
) -> None:
    with capture_logs() as logs:
        async with Mailbox(openssh.settings(openssh.host_key)):
            await until(lambda: any(line["event"] == "host-key-announced" for line in logs))

    announced = {line["fingerprint"] for line in logs if line["event"] == "host-key-announced"}
    assert announced == {openssh.other_host_key.get_fingerprint()}


async def test_it_is_refused_if_none_of_its_host_keys_is_pinned(openssh: OpenSshServer) -> None:
    stranger = asyncssh.generate_private_key("ssh-ed25519")

    with pytest.raises(HostKeyRefused) as refused:
        async with Mailbox(openssh.settings(stranger)):
            pass

    assert openssh.host_key.get_fingerprint() in refused.value.what
