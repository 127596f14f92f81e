"""The operator's commands: set a hub up, look at what it carried, and be told what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pytest
from tests.party.hub.hub_town import HubTown
from typer.testing import CliRunner

from sf2530.configuration import read_settings
from sf2530.database.engines import open_engine
from sf2530.errors import Sf2530Error
from sf2530.hub.commands import app
from sf2530.hub.serving import serving
from sf2530.hub.settings import HubSettings

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    """Give a function that runs `sf2530 hub …` on a configuration of its own and gives what it printed."""
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "host")
    for name in ("KY", "UDKDEB"):
        asyncssh.generate_private_key("ssh-ed25519").write_public_key(tmp_path / f"{name}.pub")
    config = tmp_path / "hub.toml"
    config.write_text(
        f'port = 0\ndatabase = "{database_url}"\nhost_keys = ["host"]\ncontent_directory = "content"\n',
        encoding="utf-8",
    )

    def invoke(*arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(app, [*arguments, "--config", str(config)])
        if isinstance(result.exception, Sf2530Error):
            raise result.exception
        assert result.exit_code == status, result.output
        return result.stdout

    return invoke


def test_a_hub_is_set_up_from_the_command_line(run: Run, tmp_path: Path) -> None:
    run("system", "add", "KY", "--owner", "12345678")
    run("system", "add", "UDKDEB", "--metadata-root", "Trigger")
    added = json.loads(run("key", "add", "KY", str(tmp_path / "KY.pub"), "--json"))
    number = json.loads(run("route", "add", "KY", "UDKDEB", "--pattern", "BAFORESP_*", "--json"))["route"]

    assert run("route", "add", "KY", "UDKDEB", "--pattern", "BAFORESP_*") == f"Route {number} is open.\n"
    assert added["fingerprint"] in run("system", "list")
    (ky, _udk) = json.loads(run("system", "list", "--json"))
    assert ky["system"]["owner_cvr"] == "12345678"
    assert [key["revoked_at"] for key in ky["keys"]] == [None]

    run("route", "close", str(number))
    run("key", "revoke", "KY", added["fingerprint"])
    run("system", "disable", "UDKDEB")

    assert json.loads(run("route", "list", "--json"))[0]["closed_at"] is not None
    assert "(revoked)" in run("system", "list")
    assert json.loads(run("system", "list", "--json"))[1]["system"]["state"] == "disabled"
    assert run("verify").endswith("0 faults.\n")


async def test_what_was_carried_can_be_looked_at(run: Run, tmp_path: Path) -> None:
    async with serving(read_settings(tmp_path / "hub.toml", HubSettings)) as hub:
        town = HubTown(hub)
        town.has_system("KY")
        town.has_system("UDKDEB")
        town.has_route("KY", "UDKDEB")
        async with town.client("KY") as ky:
            await ky.sends("A.txt", b"1")
            await ky.sends("B.txt", b"1", to="NOBODY")

    refused, delivered = json.loads(run("transfers", "--json"))
    assert (delivered["file_name"], delivered["state"], delivered["errors"]) == ("A.txt", "delivered", [])
    assert (refused["file_name"], refused["state"], refused["errors"]) == ("B.txt", "refused", [301])
    assert json.loads(run("transfers", "--state", "refused", "--json")) == [refused]
    shown = run("show", delivered["uuid"])
    assert all(word in shown for word in ("A.txt.metadata", "routed", "delivered", "<Message>SUCCESS"))
    life = json.loads(run("show", delivered["uuid"], "--json"))
    assert [event["kind"] for event in life["events"]] == ["routed", "delivered"]


def test_verify_ends_with_one_when_something_is_wrong(run: Run, tmp_path: Path) -> None:
    run("system", "add", "KY")
    engine = open_engine(read_settings(tmp_path / "hub.toml", HubSettings).database)
    with engine.begin() as tx:
        tx.exec_driver_sql("UPDATE event SET system = 'OTHER'")
    engine.dispose()

    assert "event 1: it has been changed" in run("verify", status=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["system", "disable", "NOBODY"], "There is no system NOBODY"),
        (["route", "add", "KY", "NOBODY"], "There is no system KY"),
        (["route", "close", "7"], "There is no route 7"),
        (["key", "add", "KY", "/no/such/file"], "can't be read"),
        (["show", "none"], "There is no transfer none"),
    ],
)
def test_what_can_not_be_done_is_said_with_a_remedy(run: Run, arguments: list[str], message: str) -> None:
    with pytest.raises(Sf2530Error, match=message) as raised:
        run(*arguments)
    assert raised.value.remedy
    assert raised.value.exit_status == 2


def test_the_error_codes_are_their_own_documentation() -> None:
    result = CliRunner().invoke(app, ["errors", "--json"])
    table = {row["code"]: row for row in json.loads(result.stdout)}
    assert table[303]["name"] == "ROUTE_MISSING"
    assert table[303]["remedy"]
