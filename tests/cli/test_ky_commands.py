"""`sf2530 ky` as a person types it: plan, start, payments, status, export, report, reconcile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from sf2530.database.engines import reading
from sf2530.exchange import incoming
from sf2530.exchange.desk import Desk
from sf2530.exchange.documents import FileDescriptor, FileMetadata
from sf2530.exchange.incoming import Fetched
from sf2530.exchange.tables import disclosure
from sf2530.exchange.working import Work
from sf2530.ky.advancing import advance
from sf2530.ky.opening import opened
from sf2530.ky.receiving import receive

if TYPE_CHECKING:
    from tests.cli.conftest import Outcome

    Sf2530 = Callable[..., Outcome]

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBO8LzCEoU1WTgJ0hGJBwmbIvkW9ejUNyflE5MvsVYGq"
PAYMENTS = """\
payment_reference,cpr,benefit_code,period_from,period_to,gross_ore,deductions_ore,net_ore
P-1,6101901234,KTH,2026-11-01,2026-11-30,200000,100000,100000
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "ky.toml"
    path.write_text(
        f"""\
database = "sqlite:///ky.db"
municipalities = ["101", "0147"]

[exchange.mailbox]
host = "localhost"
user = "KY"
key_file = "ky.key"
host_keys = ["{HOST_KEY}"]
"""
    )
    return path


@pytest.fixture
def ky(sf2530: Sf2530, config: Path) -> Callable[..., Outcome]:
    def command(*words: object) -> Outcome:
        return sf2530("ky", *words, "--config", config)

    return command


@pytest.fixture
def payments(tmp_path: Path) -> Path:
    path = tmp_path / "payments.csv"
    path.write_text(PAYMENTS)
    return path


RUN = ("--municipality", "0101", "--value-date", "2026-11-30")


def disclosures(config: Path) -> list[tuple[str, int]]:
    """Give what was recorded of whole CPR numbers shown: the command, and how many."""
    with opened(config) as (_settings, engine), reading(engine) as tx:
        rows = tx.execute(sa.select(disclosure).order_by(disclosure.c.id)).all()
    return [(row.what, row.numbers) for row in rows]


def answered(config: Path, content: bytes) -> None:
    """Play the hub and the serving process: the answer comes in, and the run goes as far as it can."""
    name = "BASVAR_0101_20261130_MD01.txt"
    descriptor = FileDescriptor(
        file_name=name, size_bytes=len(content), sender="UDKDEB", recipients=("KY",), senders_file_id=None
    )
    metadata = FileMetadata(transfer_id="t1", descriptor=descriptor)
    with opened(config) as (settings, engine):
        with engine.begin() as tx:
            incoming.register(tx, Fetched(metadata=metadata, raw_metadata=b"m", content=content), now=NOW)
            (lease,) = incoming.take(tx, owner="test", now=NOW, seconds=60, limit=1)
            file, content = incoming.load(tx, lease.id)
        terms = settings.terms()
        receive(Work(engine=engine, file=file, lease=lease, content=content, now=NOW), terms=terms)
        desk = Desk(engine=engine, settings=settings.exchange, clock=lambda: NOW)
        while advance(desk, terms=terms):
            pass


@pytest.fixture
def answer_bytes(answer_file: Callable[..., Path]) -> bytes:
    return answer_file().read_bytes()


def test_a_month_is_run_from_the_command_line(
    ky: Callable[..., Outcome], config: Path, payments: Path, tmp_path: Path, answer_bytes: bytes
) -> None:
    planned = ky("run", "plan", "--month", "2026-11", "--json").json
    assert planned == {"value_date": "2026-11-30", "ask_on": "2026-11-23", "new": 2, "already": 0}
    assert ky("run", "plan", "--value-date", "2026-11-30", "--json").json["already"] == 2

    started = ky("run", "start", "--value-date", "2026-11-30", "--json").json
    assert started == {"asked": ["010120261130MD01", "014720261130MD01"]}

    imported = ky("payments", "import", payments, *RUN, "--json").json
    assert imported == {"run": "010120261130MD01", "payments": 1, "net_ore": 100_000}

    answered(config, answer_bytes)

    (run,) = ky("run", "status", *RUN, "--json").json["runs"]
    assert (run["state"], run["withheld_ore"]) == ("reported", 100_000)

    report = ky("report", *RUN, "--json").json
    assert [(line["PNR"], line["TILBAGEHOLDT_BELOEB"]) for line in report["lines"]] == [
        ("610190****", 100_000),
        ("610190****", 0),
        ("620285****", 0),
    ]
    assert disclosures(config) == []
    assert ky("report", *RUN, "--json", "--reveal").json["lines"][0]["PNR"] == "6101901234"
    assert disclosures(config) == [("report KHTILBAG_0101_20261130_MD01.txt", 3)]

    output = tmp_path / "withholdings.csv"
    exported = ky("withholdings", "export", "--output", output, "--value-date", "2026-11-30", "--json").json
    assert disclosures(config)[1:] == [("withholdings export 2026-11-30", 3)]
    assert (exported["withholdings"], exported["withheld_ore"]) == (3, 100_000)
    assert output.stat().st_mode & 0o777 == 0o600, "it holds CPR numbers"

    books = ky("reconcile", *RUN, "--json")
    assert books.status == 0
    assert books.json[0]["withheld"] == {"count": 3, "ore": 100_000}


def test_tables_show_people_amounts_and_mask_persons(
    ky: Callable[..., Outcome], config: Path, payments: Path, answer_bytes: bytes
) -> None:
    ky("run", "plan", "--value-date", "2026-11-30")
    ky("run", "start", "--value-date", "2026-11-30")
    ky("payments", "import", payments, *RUN)
    answered(config, answer_bytes)

    status = ky("run", "status")
    report = ky("report", *RUN)
    books = ky("reconcile")

    assert "1.000,00" in status.out
    assert "reported" in status.out
    assert "the platform's receipt for the report" in status.out
    assert "610190****" in report.out
    assert "6101901234" not in report.out
    assert "2.073,56" in books.out, "what was agreed in all"


def test_wrong_payments_are_told_with_all_their_lines_and_status_1(
    ky: Callable[..., Outcome], payments: Path
) -> None:
    ky("run", "plan", "--value-date", "2026-11-30")
    payments.write_text(PAYMENTS.replace("KTH", "ZZZ").replace(",100000\n", ",1\n"))

    refused = ky("payments", "import", payments, *RUN)

    assert refused.status == 1
    assert "line 2, benefit_code" in refused.err
    assert "6101901234" not in refused.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "plan"), "--month or --value-date"),
        (("run", "plan", "--month", "2026-13"), "not a month"),
        (("run", "start", "--value-date", "30-11-2026"), "not a date"),
        (("payments", "import", "no-such-file", *RUN), "can't be opened"),
        (("report", *RUN), "no report yet"),
        (("run", "resume", *RUN), "no such payout run"),
        (("benefits", "set", "long-code", "--name", "x", "--withheld-from"), "can't be a benefit code"),
    ],
)
def test_wrong_use_is_told_in_plain_words(
    ky: Callable[..., Outcome], words: tuple[Any, ...], said: str
) -> None:
    outcome = ky(*words)

    assert outcome.status in {2, 3}
    assert said in outcome.err


def test_benefits_are_a_table_that_people_can_change(ky: Callable[..., Outcome]) -> None:
    assert "KTH" in ky("benefits", "list").out

    ky("benefits", "set", "FLX", "--name", "Flekslønstilskud", "--not-withheld-from")
    ky("benefits", "set", "LED", "--name", "Ledighedsydelse", "--withheld-from")

    found = {one["code"]: one["withheld_from"] for one in ky("benefits", "list", "--json").json}
    assert found["FLX"] is False
    assert found["LED"] is True


def test_an_export_never_overwrites_a_file(ky: Callable[..., Outcome], tmp_path: Path) -> None:
    output = tmp_path / "there.csv"
    output.write_text("mine")

    refused = ky("withholdings", "export", "--output", output, "--value-date", "2026-11-30")

    assert refused.status == 3
    assert output.read_text() == "mine"


@pytest.mark.parametrize(
    "words",
    [
        ("run", "plan", "--month", "6101901234"),
        ("run", "start", "--value-date", "610190-1234"),
        ("benefits", "set", "610190-1234", "--name", "x", "--withheld-from"),
    ],
)
def test_a_cpr_number_in_the_wrong_place_is_not_repeated(
    ky: Callable[..., Outcome], words: tuple[str, ...]
) -> None:
    outcome = ky(*words)

    assert outcome.status == 2
    assert "**********" in outcome.err
    assert "1234" not in outcome.err
