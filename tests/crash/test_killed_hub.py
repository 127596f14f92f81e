"""A hub killed at any point between an upload and its trigger has lost nothing that it said was done."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest
from tests.party.hub.hub_town import Client, eventually, trigger_for

from sf2530.database.content import ContentDirectory
from sf2530.database.engines import open_engine
from sf2530.database.migrating import upgrade
from sf2530.denmark.business_time import utc_now
from sf2530.hub import history, keys, routes, systems
from sf2530.hub.routes import NewRoute
from sf2530.hub.serving import MIGRATIONS
from sf2530.hub.systems import NewSystem

LARGE = b"0123456789abcdef" * 10_000


class HubProcess:
    """`sf2530 hub serve` as a process that can be killed and started again on the same data."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.database_url = database_url
        self.client_keys = {name: asyncssh.generate_private_key("ssh-ed25519") for name in ("KY", "UDKDEB")}
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(folder / "host_key")
        (folder / "hub.toml").write_text(
            f'port = 0\ndatabase = "{database_url}"\ncontent_directory = "content"\n'
            'host_keys = ["host_key"]\ntrigger_wait_seconds = 0\n',
            encoding="utf-8",
        )
        self._fill()
        self.process: subprocess.Popen[bytes] | None = None

    def _fill(self) -> None:
        engine = open_engine(self.database_url)
        upgrade(engine, MIGRATIONS)
        with engine.begin() as tx:
            for name, key in self.client_keys.items():
                systems.add(tx, NewSystem(name=name), now=utc_now())
                keys.add(tx, name, key.export_public_key().decode(), now=utc_now())
            routes.open_route(tx, NewRoute(sender="KY", recipient="UDKDEB"), now=utc_now())
        engine.dispose()

    async def start(self, *, crash_at: str = "") -> None:
        """Start it and wait until it serves."""
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        self._launch(ready, crash_at)
        await eventually(ready.exists)
        self.ready = json.loads(ready.read_text(encoding="utf-8"))

    def _launch(self, ready: Path, crash_at: str) -> None:
        arguments = ["hub", "serve", "--config", str(self.folder / "hub.toml"), "--ready-file", str(ready)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sf2530.cli", *arguments, "--until-stdin-closes"],
                stdin=subprocess.PIPE,
                stderr=log,
                env=os.environ | {"SF2530_CRASH_AT": crash_at},
            )

    def kill(self) -> None:
        """Kill it as a power cut would."""
        assert self.process is not None
        self.process.kill()

    def wait(self) -> int:
        """Wait for its end, and give its exit status."""
        assert self.process is not None
        status = self.process.wait(timeout=20)
        assert self.process.stdin is not None
        self.process.stdin.close()
        return status

    def stop(self) -> int:
        """End its standard input, and wait until it has stopped by itself."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(timeout=20)

    @asynccontextmanager
    async def client(self, name: str) -> AsyncIterator[Client]:
        """Log in as a system."""
        async with (
            asyncssh.connect(
                self.ready["host"],
                self.ready["port"],
                username=name,
                client_keys=[self.client_keys[name]],
                known_hosts=asyncssh.import_known_hosts(f"* {self.ready['host_key']}\n"),
                config=None,
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):
            yield Client(sftp, connection, name)

    def faults(self) -> tuple[str, ...]:
        """Verify ledger and content."""
        engine = open_engine(self.database_url)
        try:
            with engine.begin() as tx:
                directory = ContentDirectory(self.folder / "content")
                return history.verify(tx, directory=directory).faults
        finally:
            engine.dispose()


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> HubProcess:
    """Give a hub that is not started yet."""
    return HubProcess(tmp_path, database_url)


async def test_what_was_uploaded_before_the_kill_is_routed_after_it(hub: HubProcess) -> None:
    await hub.start()
    async with hub.client("KY") as ky:
        await ky.puts("OUT/A.txt", LARGE)
        await ky.puts("OUT/B.txt", b"few bytes")
        hub.kill()
        hub.wait()

    await hub.start()
    async with hub.client("KY") as ky:
        assert await ky.lists("OUT") == ["A.txt", "B.txt"]
        await ky.triggers("A.txt", trigger_for("A.txt", LARGE))
        await ky.triggers("B.txt", trigger_for("B.txt", b"few bytes"))
    hub.kill()
    hub.wait()

    await hub.start()
    async with hub.client("KY") as ky, hub.client("UDKDEB") as udk:
        assert (await ky.receipt("A.txt")).succeeded
        assert await udk.gets("IN/A.txt") == LARGE
        assert await udk.gets("IN/B.txt") == b"few bytes"
    assert hub.stop() == 0
    assert hub.faults() == ()


@pytest.mark.parametrize("point", ["hub-before-receiving", "hub-after-receiving"])
@pytest.mark.parametrize("visit", [1, 2], ids=["data", "trigger"])
async def test_killed_at_a_close_the_client_sends_again_and_all_is_delivered_once(
    hub: HubProcess, point: str, visit: int
) -> None:
    await hub.start(crash_at=f"{point}:{visit}")
    with pytest.raises((asyncssh.Error, OSError)):
        async with hub.client("KY") as ky:
            await ky.sends("A.txt", LARGE)
    assert hub.wait() == -signal.SIGKILL

    await hub.start()
    async with hub.client("KY") as ky, hub.client("UDKDEB") as udk:
        await ky.sends("A.txt", LARGE)
        receipt = await ky.receipt("A.txt")
        assert receipt.succeeded
        assert await udk.lists("IN") == ["A.txt", "A.txt.metadata"]
        assert await udk.gets("IN/A.txt") == LARGE
        assert receipt.transfer_id.encode() in await udk.gets("IN/A.txt.metadata")
        assert await ky.lists("OUT") == []
    assert hub.stop() == 0
    assert hub.faults() == ()


async def test_the_hub_stops_by_itself_on_a_signal(hub: HubProcess) -> None:
    await hub.start()
    async with hub.client("KY") as ky:
        await ky.puts("OUT/A.txt", b"1")
        assert hub.process is not None
        hub.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(hub.wait) == 0
    assert hub.faults() == ()
