from __future__ import annotations

import logging
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
import sqlalchemy as sa

from sf2530.database.engines import drop_schema, ensure_schema, open_engine, reading
from sf2530.database.errors import DatabaseUnreachable, DatabaseUrlWrong

if TYPE_CHECKING:

    class Server(Protocol):
        socket_folder: str

        def create_database(self) -> str: ...
        def url(self, database: str) -> str: ...
        def stop(self) -> None: ...
        def start(self) -> None: ...


metadata = sa.MetaData()
note = sa.Table(
    "note", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.String, unique=True)
)


@contextmanager
def opened(url: str) -> Iterator[sa.Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    with opened(database_url) as engine:
        metadata.create_all(engine)
        yield engine


def texts(tx: sa.Connection) -> list[str]:
    return list(tx.execute(sa.select(note.c.text).order_by(note.c.id)).scalars())


def test_a_transaction_is_all_or_nothing_tables_included(engine: sa.Engine) -> None:
    def stop_half_way() -> None:
        with engine.begin() as tx:
            tx.execute(sa.insert(note), {"text": "one"})
            tx.exec_driver_sql("CREATE TABLE half_way (id INTEGER)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stop_half_way()
    with reading(engine) as tx:
        assert texts(tx) == []
        assert not sa.inspect(tx).has_table("half_way")


def test_a_reader_keeps_its_view_and_holds_no_writer_up(engine: sa.Engine) -> None:
    with reading(engine) as reader:
        assert texts(reader) == []
        with engine.begin() as writer:
            writer.execute(sa.insert(note), {"text": "one"})
        assert texts(reader) == []
    with reading(engine) as reader:
        assert texts(reader) == ["one"]


def test_reading_leaves_nothing_behind_on_the_connection_it_borrowed(engine: sa.Engine) -> None:
    for number in range(3):
        with reading(engine) as tx:
            assert len(texts(tx)) == number  # nor is an old view of the data kept
        with engine.begin() as tx:
            tx.execute(sa.insert(note), {"text": f"{number}"})
    with reading(engine) as tx:
        assert texts(tx) == ["0", "1", "2"]


def test_writers_in_many_threads_all_get_their_turn(engine: sa.Engine) -> None:
    def write(name: str) -> None:
        for number in range(10):
            with engine.begin() as tx:
                seen = texts(tx)
                tx.execute(sa.insert(note), {"text": f"{name}-{number}-{len(seen)}"})

    threads = [threading.Thread(target=write, args=(f"t{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with reading(engine) as tx:
        assert len(texts(tx)) == 60


def test_processes_may_open_a_new_sqlite_file_all_at_once(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from sf2530.database.engines import open_engine\n"
        "engine = open_engine(sys.argv[1])\n"
        "sys.stdin.readline()\n"
        "with engine.begin() as tx: tx.exec_driver_sql('SELECT 1')\n"
    )
    command = [sys.executable, "-c", script, f"sqlite:///{tmp_path}/new.db"]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(6)]
    for process in processes:
        assert process.stdin
        process.stdin.write(b"go\n")
        process.stdin.close()
    assert [process.wait() for process in processes] == [0] * 6


def test_a_new_sqlite_file_that_another_one_is_writing_to_is_waited_for(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "new.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE theirs (id INTEGER)")
    begun = threading.Event()

    def begin() -> None:
        with opened(f"sqlite:///{tmp_path}/new.db") as engine, engine.begin():
            begun.set()

    beginning = threading.Thread(target=begin)
    beginning.start()
    assert not begun.wait(0.1)
    other.execute("COMMIT")
    other.close()
    beginning.join()
    assert begun.is_set()


def test_sqlite_is_durable_and_keeps_foreign_keys(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/a.db") as engine, engine.begin() as tx:
        pragmas = {
            name: tx.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_wrong_statement_stays_a_programming_error_and_shows_no_values(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.DBAPIError) as wrong, engine.begin() as tx:
        tx.execute(sa.text("SELECT nothing FROM nowhere WHERE cpr = :cpr"), {"cpr": "6101901234"})
    assert "6101901234" not in str(wrong.value)

    with pytest.raises(sa.exc.IntegrityError), engine.begin() as tx:
        tx.execute(sa.insert(note), [{"text": "twice"}, {"text": "twice"}])


def unreachable(url: str) -> DatabaseUnreachable:
    with opened(url) as engine, pytest.raises(DatabaseUnreachable) as caught, engine.begin():
        pass
    assert caught.value.remedy
    return caught.value


def test_a_missing_folder_is_named_with_what_to_do(tmp_path: Path) -> None:
    error = unreachable(f"sqlite:///{tmp_path}/gone/a.db")
    assert error.where == f"{tmp_path}/gone/a.db"
    assert error.remedy == f"Create the folder {tmp_path}/gone, then try again."


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"not a database at all, but long enough to be looked at" * 20)
    assert "sound SQLite database" in unreachable(f"sqlite:///{tmp_path}/a.db").remedy


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    assert "this is a folder" in unreachable(f"sqlite:///{tmp_path}").remedy


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert "right to write" in unreachable(f"sqlite:///{tmp_path}/a.db").remedy


def test_a_server_that_is_down_is_named_without_the_password(tmp_path: Path) -> None:
    error = unreachable(f"postgresql://me:s3cret@/db?host={tmp_path}")
    assert error.where == f"postgresql://{tmp_path}/db"
    assert "s3cret" not in str(error)
    assert error.exit_status == 3


def test_a_database_that_is_not_there_is_named(postgres_server: Server) -> None:
    assert "no_such_database" in unreachable(postgres_server.url("no_such_database")).what


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/db", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_cannot_be_used_is_refused_at_once(url: str) -> None:
    with pytest.raises(DatabaseUrlWrong) as wrong:
        open_engine(url)
    assert "postgresql://" in wrong.value.remedy


def test_a_wrong_url_with_a_password_is_never_repeated() -> None:
    password = "s3" + "cret"  # put together, for a traceback shows this line too
    with pytest.raises(DatabaseUrlWrong) as wrong:
        open_engine(f"postgresql://me:{password}@host:port/db")
    assert password not in "".join(traceback.format_exception(wrong.value))


def test_parties_share_one_database_each_in_its_schema(postgres_server: Server) -> None:
    shared = postgres_server.url(postgres_server.create_database())
    urls = [f"{shared}&schema=sf2530_{party}" for party in ("hub", "ky")]
    for url in urls:
        ensure_schema(url)
        ensure_schema(url)
        with opened(url) as engine:
            metadata.create_all(engine)
            with engine.begin() as tx:
                tx.execute(sa.insert(note), {"text": url})

    for url in urls:
        with opened(url) as engine, reading(engine) as tx:
            assert texts(tx) == [url]

    drop_schema(urls[0])
    with opened(shared) as engine:
        assert "sf2530_hub" not in sa.inspect(engine).get_schema_names()
        assert "sf2530_ky" in sa.inspect(engine).get_schema_names()


@pytest.mark.parametrize("schema", ["A", "1a", "a b", "x;drop", "a" * 64])
def test_a_schema_name_that_needs_quoting_is_refused(schema: str) -> None:
    with pytest.raises(DatabaseUrlWrong):
        open_engine(f"postgresql://me@/db?schema={schema}")


def test_a_server_that_stops_and_comes_back_is_used_again(own_postgres_server: Server) -> None:
    with opened(own_postgres_server.url(own_postgres_server.create_database())) as engine:
        metadata.create_all(engine)
        with engine.begin() as tx:
            tx.execute(sa.insert(note), {"text": "kept"})

        def write_while_it_stops() -> None:
            with engine.begin() as tx:
                own_postgres_server.stop()
                tx.execute(sa.insert(note), {"text": "lost"})

        with pytest.raises(DatabaseUnreachable):
            write_while_it_stops()
        with pytest.raises(DatabaseUnreachable), engine.begin():
            pass

        own_postgres_server.start()
        with reading(engine) as tx:
            assert texts(tx) == ["kept"]


def test_a_restart_between_two_uses_is_not_noticed(own_postgres_server: Server) -> None:
    with opened(own_postgres_server.url(own_postgres_server.create_database())) as engine:
        metadata.create_all(engine)
        own_postgres_server.stop()
        own_postgres_server.start()
        with engine.begin() as tx:
            tx.execute(sa.insert(note), {"text": "after"})
        with reading(engine) as tx:
            assert texts(tx) == ["after"]


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/a.db") as engine:
        metadata.create_all(engine)

        def write_too_much() -> None:
            with engine.begin() as tx:
                tx.exec_driver_sql("PRAGMA max_page_count=5")
                tx.execute(sa.insert(note), [{"text": f"{n}" * 900} for n in range(50)])

        with pytest.raises(DatabaseUnreachable) as full:
            write_too_much()
    assert "Make room" in full.value.remedy


def test_several_databases_are_made_for_one_test(make_database_url: Callable[[], str]) -> None:
    first, second = make_database_url(), make_database_url()
    with opened(first) as one, opened(second) as two:
        metadata.create_all(one)
        assert sa.inspect(one).has_table("note")
        assert not sa.inspect(two).has_table("note")


def test_the_drivers_log_nothing_by_themselves(engine: sa.Engine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), engine.begin() as tx:
        tx.execute(sa.insert(note), {"text": "6101901234"})
    assert "6101901234" not in caplog.text
