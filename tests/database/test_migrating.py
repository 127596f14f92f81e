from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from sf2530.database.engines import ensure_schema, open_engine, reading
from sf2530.database.errors import SchemaWrong
from sf2530.database.migrating import differences, is_current, upgrade
from sf2530.database.revise import revise

FIRST = """
    import sqlalchemy as sa
    from sf2530.database import tables, types
    from sf2530.database.leases import lease_columns

    own = sa.MetaData()
    sa.Table("house", own, sa.Column("id", types.RowId, primary_key=True), sa.Column("name", sa.String(9)),
             *lease_columns(), sa.Index("ix_house_work", "state", "id"), sqlite_autoincrement=True)
    sa.Table("room", own, sa.Column("id", sa.Integer, primary_key=True),
             sa.Column("house", sa.ForeignKey("house.id", ondelete="CASCADE"), nullable=False))
    metadata = (own, tables.metadata)
"""
SECOND = FIRST.replace("String(9))", 'String(20), nullable=False, server_default="?")')


class Town:
    """A made-up party whose tables a test declares and changes."""

    def __init__(self, folder: Path, name: str) -> None:
        self.migrations = f"{name}.migrations"
        self._package = folder / name / "migrations"
        (self._package / "versions").mkdir(parents=True)
        (folder / name / "__init__.py").touch()

    def declares(self, tables: str) -> None:
        (self._package / "__init__.py").write_text(textwrap.dedent(tables))
        for module in [name for name in sys.modules if name.startswith(self.migrations)]:
            del sys.modules[module]
        importlib.invalidate_caches()

    def writes_a_script(self, message: str) -> Path:
        return revise(self.migrations, message)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Town]]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield lambda name: Town(tmp_path, name)
    for module in [name for name in sys.modules if name.startswith(("alba", "brig"))]:
        del sys.modules[module]


@pytest.fixture
def alba(town: Callable[[str], Town]) -> Town:
    alba = town("alba")
    alba.declares(FIRST)
    alba.writes_a_script("Begin")
    return alba


@contextmanager
def opened(url: str) -> Iterator[sa.Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def test_a_new_database_gets_the_tables_that_are_declared(alba: Town, database_url: str) -> None:
    with opened(database_url) as engine:
        assert not is_current(engine, alba.migrations)
        upgrade(engine, alba.migrations)
        upgrade(engine, alba.migrations)
        assert is_current(engine, alba.migrations)
        assert differences(engine, alba.migrations) == []
        assert {"house", "room", "content", "content_chunk"} <= set(sa.inspect(engine).get_table_names())


def test_a_change_that_has_no_script_yet_is_found(alba: Town, database_url: str) -> None:
    with opened(database_url) as engine:
        upgrade(engine, alba.migrations)
        alba.declares(SECOND)
        assert is_current(engine, alba.migrations)
        assert differences(engine, alba.migrations) != []


def test_a_later_script_keeps_the_rows_and_those_that_refer_to_them(alba: Town, database_url: str) -> None:
    with opened(database_url) as engine:
        upgrade(engine, alba.migrations)
        with engine.begin() as tx:
            tx.exec_driver_sql("INSERT INTO house (name, state) VALUES ('one', 'waiting')")
            tx.exec_driver_sql("INSERT INTO room (house) VALUES (1), (1)")
        alba.declares(SECOND)
        script = alba.writes_a_script("Longer names")
        assert script.name == "alba_0002_longer_names.py"

        upgrade(engine, alba.migrations)
        assert differences(engine, alba.migrations) == []
        with reading(engine) as tx:
            assert tx.exec_driver_sql("SELECT count(*) FROM room").scalar() == 2
    # and foreign keys are on again
    with opened(database_url) as engine, pytest.raises(sa.exc.IntegrityError), engine.begin() as tx:
        tx.exec_driver_sql("INSERT INTO room (house) VALUES (99)")


def test_a_script_that_fails_leaves_the_database_as_it_was(alba: Town, database_url: str) -> None:
    alba.declares(SECOND)
    script = alba.writes_a_script("Fails")
    script.write_text(script.read_text() + "    op.create_table('half_way')\n    op.execute('nonsense')\n")
    with opened(database_url) as engine:
        with pytest.raises(sa.exc.DBAPIError):
            upgrade(engine, alba.migrations)
        assert sa.inspect(engine).get_table_names() == []
        with engine.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE fine (id INTEGER)")


def test_processes_that_start_at_once_migrate_once(alba: Town, database_url: str, tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from sf2530.database.engines import open_engine\n"
        "from sf2530.database.migrating import upgrade\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "engine = open_engine(sys.argv[1])\n"
        "sys.stdin.readline()\n"
        "upgrade(engine, 'alba.migrations')\n"
    )
    command = [sys.executable, "-c", script, database_url, str(tmp_path)]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(4)]
    for process in processes:
        assert process.stdin
        process.stdin.write(b"go\n")
        process.stdin.close()
    assert [process.wait() for process in processes] == [0] * 4
    with opened(database_url) as engine:
        assert is_current(engine, alba.migrations)


def test_the_database_of_another_party_is_refused(
    alba: Town, town: Callable[[str], Town], database_url: str
) -> None:
    brig = town("brig")
    brig.declares(FIRST)
    brig.writes_a_script("Begin")
    with opened(database_url) as engine:
        upgrade(engine, alba.migrations)
        with pytest.raises(SchemaWrong) as refused:
            upgrade(engine, brig.migrations)
    assert "belongs to alba" in refused.value.what
    assert refused.value.exit_status == 2


def test_the_database_of_a_newer_release_is_refused(alba: Town, database_url: str) -> None:
    alba.declares(SECOND)
    newer = alba.writes_a_script("Newer")
    with opened(database_url) as engine:
        upgrade(engine, alba.migrations)
        newer.unlink()
        with pytest.raises(SchemaWrong) as refused:
            upgrade(engine, alba.migrations)
    assert "newer release: alba_0002" in refused.value.what


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=False)
def test_a_schema_that_is_not_there_is_named_and_one_that_is_holds_all(alba: Town, database_url: str) -> None:
    url = f"{database_url}&schema=sf2530_alba"
    with opened(url) as engine, pytest.raises(SchemaWrong, match="schema"):
        upgrade(engine, alba.migrations)
    ensure_schema(url)
    with opened(url) as engine:
        upgrade(engine, alba.migrations)
        assert differences(engine, alba.migrations) == []
        assert sa.inspect(engine).get_table_names(schema="public") == []


def test_the_command_writes_a_script(alba: Town, tmp_path: Path) -> None:
    alba.declares(SECOND)
    command = [sys.executable, "-m", "sf2530.database.revise", alba.migrations, "By command"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip().endswith("alba_0002_by_command.py")
