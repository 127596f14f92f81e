"""The demo: what it prints, that its books are really compared, and that it refuses what it can't do."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from rich.console import Console

from sf2530.debitor.tables import expectation
from sf2530.denmark.business_time import business_date, utc_now
from sf2530.hub.tables import event
from sf2530.ky.tables import payment, withholding
from sf2530.sandbox import population
from sf2530.sandbox.balancing import Books, differences, read_books
from sf2530.sandbox.commands import next_value_date
from sf2530.sandbox.databases import Databases, opened
from sf2530.sandbox.demo import Demo, run
from sf2530.sandbox.demo_folder import DemoPlan, FolderUnusable, kept
from sf2530.sandbox.premises import Premises
from sf2530.sandbox.processes import Party, PartyFailed, Supervisor
from sf2530.sandbox.progress import Step
from sf2530.sandbox.screen import LineScreen, drawing
from sf2530.sandbox.summary import Seconds, drawn, summarise

# of this month: UDK Debitor refuses what lies too far back
VALUE_DATE = next_value_date(business_date(utc_now()))
MUNICIPALITIES = 4
AGREEMENTS = 80
POPULATION = population.plan(VALUE_DATE, agreements=AGREEMENTS, municipalities=MUNICIPALITIES)
SHAPE_OF_A_CPR_NUMBER = re.compile(r"(?<!\d)[4-9]\d[01]\d{3}\d{4}(?!\d)")  # made persons: day plus 60


def sf2530(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sf2530.cli", *words], capture_output=True, text=True, check=False, timeout=110
    )


def demo(*words: str) -> subprocess.CompletedProcess[str]:
    size = ("--municipalities", str(MUNICIPALITIES), "--agreements", str(AGREEMENTS))
    return sf2530("demo", "--json", "--no-console", *size, *words)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Premises:
    """A demo that has come to its end, on SQLite; each test may look, and must put back what it spoils."""
    premises = Premises(directory=tmp_path_factory.mktemp("demo"), name="sf2530_test")
    with LineScreen(Console(file=io.StringIO())) as screen:
        run(Demo(premises=premises, population=POPULATION, clock=utc_now), screen)
    return premises


@pytest.fixture
def databases(done: Premises) -> Iterator[Databases]:
    with opened(done) as found:
        yield found


def test_the_figures_are_one_json_object_and_agree(database_url: str) -> None:
    database = ("--database", database_url) if database_url.startswith("postgresql") else ()

    outcome = demo(*database)

    assert outcome.returncode == 0, outcome.stderr
    figures = json.loads(outcome.stdout)
    seconds = figures.pop("seconds")
    assert set(seconds) == {"setup", "cycle"}
    assert figures.pop("withheld_ore") > 0
    assert figures == {
        "municipalities": MUNICIPALITIES,
        "inquiries": MUNICIPALITIES,
        "answers": MUNICIPALITIES,
        "agreements": AGREEMENTS,
        "expectations": AGREEMENTS,
        "withholdings": AGREEMENTS,
        "reports": MUNICIPALITIES,
        "settled": AGREEMENTS,
        "open": 0,
        "transfers": 3 * MUNICIPALITIES,
        "receipts": 3 * MUNICIPALITIES,
    }


def test_the_same_seed_gives_the_same_figures_and_a_finished_demo_can_be_shown_again(tmp_path: Path) -> None:
    first, again, elsewhere = (demo("--directory", str(tmp_path / name)) for name in ("a", "a", "b"))

    figures = [json.loads(one.stdout) for one in (first, again, elsewhere)]
    for each in figures:
        del each["seconds"]
    assert figures[0] == figures[1] == figures[2]


def test_no_cpr_number_is_in_a_log_a_name_or_a_setting(done: Premises) -> None:
    searched = [path for path in done.directory.rglob("*") if path.suffix in {".log", ".toml", ".json"}]

    found = [path.name for path in searched if SHAPE_OF_A_CPR_NUMBER.search(path.read_text(encoding="utf-8"))]
    named = [path.name for path in done.directory.rglob("*") if SHAPE_OF_A_CPR_NUMBER.search(path.name)]

    assert len(searched) >= 6
    assert (found, named) == ([], [])


def test_keys_and_databases_are_closed_to_others(done: Premises) -> None:
    modes = {path.name: path.stat().st_mode & 0o077 for path in done.directory.glob("*/key")}
    folders = {
        path.name: path.stat().st_mode & 0o077 for path in done.directory.glob("*") if (path / "key").exists()
    }

    assert set(modes.values()) == {0}
    assert folders == {"hub": 0, "debitor": 0, "ky": 0}


def test_the_books_of_a_good_demo_agree(databases: Databases) -> None:
    assert differences(read_books(databases, POPULATION)) == []


SPOILED = {
    "an expectation lost": ("debitor", sa.delete(expectation)),
    "one øre more settled": (
        "debitor",
        sa.update(expectation)
        .where(expectation.c.withheld_ore < expectation.c.agreed_ore)
        .values(withheld_ore=expectation.c.withheld_ore + 1),
    ),
    "one øre less withheld": (
        "ky",
        sa.update(withholding)
        .where(withholding.c.withheld_ore > 0)
        .values(withheld_ore=withholding.c.withheld_ore - 1),
    ),
    "a payment overdrawn": (
        "ky",
        sa.update(payment).where(payment.c.net_ore > 0).values(net_ore=0, deductions_ore=payment.c.gross_ore),
    ),
    "the ledger altered": ("hub", sa.update(event).where(event.c.number == 5).values(details="{}")),
}


@pytest.mark.parametrize("case", SPOILED)
def test_whatever_is_spoiled_in_one_partys_books_is_found(databases: Databases, case: str) -> None:
    party, statement = SPOILED[case]
    engine = getattr(databases, party)
    with engine.connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        changed = connection.execute(statement).rowcount
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sf2530.sandbox.balancing.reading", lambda asked: _same(asked, engine, connection))
            found = differences(read_books(databases, POPULATION))
        transaction.rollback()

    assert changed
    assert found


def _same(asked: sa.Engine, engine: sa.Engine, connection: sa.Connection) -> _Reading:
    """Read the spoiled books inside the transaction that will be rolled back."""
    return _Reading(connection if asked is engine else None, asked)


class _Reading:
    def __init__(self, connection: sa.Connection | None, engine: sa.Engine) -> None:
        self._connection, self._engine = connection, engine
        self._own: sa.Connection | None = None

    def __enter__(self) -> sa.Connection:
        if self._connection is None:
            self._own = self._engine.connect()
            return self._own
        return self._connection

    def __exit__(self, *_: object) -> None:
        if self._own is not None:
            self._own.close()


def test_a_file_too_many_or_too_few_on_the_hub_is_found(databases: Databases) -> None:
    books: Books = read_books(databases, POPULATION)

    assert differences(replace(books, transfers=books.transfers + 1))
    assert differences(replace(books, receipts=books.receipts - 1))
    assert differences(replace(books, inquiries=books.inquiries + 1))


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear reader")

    outcome = demo("--directory", str(tmp_path))

    assert outcome.returncode == 2
    assert "is not a demo" in outcome.stderr
    assert (tmp_path / "letter.txt").read_text() == "dear reader"


def test_a_folder_of_a_demo_asked_for_otherwise_is_refused(tmp_path: Path) -> None:
    plan = DemoPlan(municipalities=4, agreements=80, seed=1, value_date=VALUE_DATE)
    with kept(tmp_path / "demo", plan, None):
        pass

    with pytest.raises(FolderUnusable, match="seed 1"), kept(tmp_path / "demo", replace(plan, seed=2), None):
        pass


def test_a_password_is_not_kept_in_the_folder(tmp_path: Path) -> None:
    plan = DemoPlan(municipalities=4, agreements=80, seed=1, value_date=VALUE_DATE)
    with kept(tmp_path / "demo", plan, "postgresql://someone:secret@localhost/there"):
        pass

    assert "secret" not in (tmp_path / "demo" / "demo.json").read_text()


def test_a_value_date_that_no_inquiry_can_have_is_refused() -> None:
    outcome = demo("--value-date", "2020-01-31")

    assert outcome.returncode == 2
    assert "2020-01-31" in outcome.stderr
    assert "Choose a banking day from" in outcome.stderr


def test_a_database_that_is_not_there_is_said_plainly() -> None:
    outcome = demo("--database", "postgresql://nobody:secret@127.0.0.1:1/nothing")

    assert outcome.returncode == 3
    assert "secret" not in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_party_that_does_not_stay_up_is_given_up_with_the_end_of_its_log(tmp_path: Path) -> None:
    arguments = ("hub", "serve", "--config", str(tmp_path / "nowhere.toml"))
    party = Party(name="hub", arguments=arguments, log=tmp_path / "hub.log")

    with Supervisor() as supervisor:
        supervisor.start(party)

        with pytest.raises(PartyFailed, match=r"nowhere\.toml"):
            keep_running_until_given_up(supervisor, party)


def keep_running_until_given_up(supervisor: Supervisor, party: Party) -> None:
    while party.process is not None:
        party.process.wait()
        supervisor.keep_running()


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 23), date(2026, 11, 30)),
        (date(2026, 11, 30), date(2026, 11, 30)),  # on the very day
        (date(2026, 12, 31), date(2027, 1, 29)),  # the 31st is closed: December's was the 30th
        (date(2027, 1, 30), date(2027, 2, 26)),
    ],
)
def test_the_next_value_date_is_a_months_last_banking_day(today: date, expected: date) -> None:
    assert next_value_date(today) == expected


def test_the_screen_shows_every_municipality_and_how_far_it_is() -> None:
    steps = dict(zip(POPULATION.municipalities, Step, strict=False))
    console = Console(width=120, record=True, file=io.StringIO())

    console.print(drawing(steps, seconds=1.5, width=120))

    shown = console.export_text()
    assert "101 København         ●○○○○○○" in shown
    assert "147 Frederiksberg     ●●○○○○○" in shown
    assert "4 of 4" in shown


def test_the_summary_names_every_figure(databases: Databases) -> None:
    summary = summarise(read_books(databases, POPULATION), Seconds(setup=1.0, cycle=2.0))
    console = Console(width=100, record=True, file=io.StringIO())

    console.print(drawn(summary))

    shown = console.export_text()
    assert "Municipalities" in shown
    assert str(AGREEMENTS) in shown
