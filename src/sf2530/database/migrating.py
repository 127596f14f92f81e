"""Bring a party's database to the tables that this release declares.

The scripts are Alembic's and lie in the party's package. To give a party (say `ky`) migrations:

1. `ky/migrations/__init__.py` says `metadata = (tables.metadata, …)`: the party's own tables, and those of
   `exchange` and `database` that it uses. `ky/migrations/versions/__init__.py` is a docstring.
2. `python -m sf2530.database.revise sf2530.ky.migrations "Begin"` writes `versions/ky_0001_begin.py`. After a
   later change of tables the same command, with other words, writes the next script. Read what it wrote.
3. `ruff check --fix` and `ruff format` on the script; commit it together with the tables.
4. `upgrade(engine, "sf2530.ky.migrations")` where the party starts.
5. One test on `database_url`: `upgrade(…)`, then `differences(…) == []`.

Scripts only go forward: the way back is a backup. A script that is released is never changed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from sf2530.database.engines import SQLITE_BEGIN, reading
from sf2530.database.errors import SchemaWrong
from sf2530.database.translating import place
from sf2530.language import _

_ENVIRONMENT = Path(__file__).with_name("environment")

# Alembic keeps the migration that is under way in a global of its own: one thread at a time.
_one_thread = threading.Lock()


def upgrade(engine: sa.Engine, migrations: str) -> None:
    """Run the scripts of the package `migrations` that this database hasn't had yet, all or none.

    Any number of processes may do this at once: one runs them, the others wait and find nothing to do.
    Raises SchemaWrong if the database belongs to another party or to a newer release.
    """
    if is_current(engine, migrations):
        return
    with _one_thread, _locked(engine) as connection:
        _refuse_foreign_revisions(connection, migrations)
        command.upgrade(configuration(migrations, connection), "head")
        _check_foreign_keys(connection)


def is_current(engine: sa.Engine, migrations: str) -> bool:
    """Say whether the database has had every script of the package `migrations`."""
    with reading(engine) as tx:
        had = MigrationContext.configure(tx).get_current_heads()
    return set(had) == set(_scripts(migrations).get_heads())


def differences(engine: sa.Engine, migrations: str) -> list[Any]:
    """Compare the database with the tables that the party declares, as a list of what Alembic would change.

    For a test in each party: after `upgrade` the list is empty, on SQLite and on PostgreSQL.
    """
    with reading(engine) as tx:
        context = MigrationContext.configure(tx, opts={"compare_server_default": True})
        # Alembic takes several MetaData here as well as one, though its types say one
        found: list[Any] = compare_metadata(context, declared(migrations))  # type: ignore[arg-type]
    return found


def declared(migrations: str) -> Sequence[sa.MetaData]:
    """Give the tables that the party declares: the `metadata` of its migrations package."""
    metadata: Sequence[sa.MetaData] = import_module(migrations).metadata
    return metadata


def configuration(migrations: str, connection: sa.Connection) -> Config:
    """Give Alembic's configuration for one run over `connection`, which is in a transaction."""
    config = _located(migrations)
    config.attributes["connection"] = connection
    config.attributes["metadata"] = declared(migrations)
    return config


def _located(migrations: str) -> Config:
    versions = Path(str(import_module(migrations).__file__)).with_name("versions")
    config = Config()
    options = {
        "script_location": str(_ENVIRONMENT),
        "version_locations": str(versions),
        "path_separator": "newline",
        "file_template": "%(rev)s_%(slug)s",
    }
    for name, value in options.items():
        config.set_main_option(name, value.replace("%", "%%"))
    return config


def _scripts(migrations: str) -> ScriptDirectory:
    return ScriptDirectory.from_config(_located(migrations))


@contextmanager
def _locked(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection in a transaction that only one process at a time gets to."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            _detach_without_foreign_keys(connection)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                _lock_schema(connection)
            yield connection


def _detach_without_foreign_keys(connection: sa.Connection) -> None:
    """Switch foreign keys off: while a table is copied, dropping the old one would empty its dependants.

    SQLite does this outside transactions only; so the connection leaves the pool, and is closed afterwards.
    """
    connection.detach()
    connection.execution_options(**{SQLITE_BEGIN: ("PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE")})


def _lock_schema(connection: sa.Connection) -> None:
    schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
    if schema is None:
        raise SchemaWrong(
            _("The schema that the URL names is not in the database."),
            where=place(connection.engine.url),
            remedy=_("Create it with CREATE SCHEMA, or correct the URL."),
        )
    lock = sa.select(sa.func.pg_advisory_xact_lock(2530, sa.func.hashtext(schema)))
    connection.execute(lock)


def _refuse_foreign_revisions(connection: sa.Connection, migrations: str) -> None:
    known = {script.revision for script in _scripts(migrations).walk_revisions()}
    unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
    if not unknown:
        return
    theirs = min(unknown).partition("_")[0]
    where = place(connection.engine.url)
    if theirs != party(migrations):
        raise SchemaWrong(
            _("This database belongs to %(party)s.") % {"party": theirs},
            where=where,
            remedy=_("Give each party a database, or a schema, of its own."),
        )
    raise SchemaWrong(
        _("This database was made by a newer release: %(revision)s.") % {"revision": min(unknown)},
        where=where,
        remedy=_("Start the newer release, or restore a backup from before it."),
    )


def party(migrations: str) -> str:
    """Give the party that a migrations package belongs to: `ky` for `sf2530.ky.migrations`."""
    return migrations.split(".")[-2]


def _check_foreign_keys(connection: sa.Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        msg = f"the migration left {len(broken)} rows that refer to nothing, first in {broken[0][0]}"
        raise AssertionError(msg)
