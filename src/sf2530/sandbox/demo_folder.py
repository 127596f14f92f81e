"""The folder of a demo: a new one, or that of an interrupted demo to go on with."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa

from sf2530.errors import UseError
from sf2530.language import _
from sf2530.sandbox.databases import remove
from sf2530.sandbox.premises import Premises

PLAN_FILE = "demo.json"


class FolderUnusable(UseError):
    """A folder can't hold this demo."""

    code: ClassVar[str] = "folder-unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPlan:
    """What was asked for; the same in a folder means that an interrupted demo goes on."""

    municipalities: int
    agreements: int
    seed: int
    value_date: date


@contextmanager
def kept(directory: Path, plan: DemoPlan, database: str | None) -> Iterator[Premises]:
    """Use a folder that stays. Raises FolderUnusable if something else is in it."""
    name = _name_of_earlier(directory, plan, database) or _new_name()
    _write_plan(directory, plan, name, database)
    yield Premises(directory=directory, name=name, database=database)


@contextmanager
def passing(plan: DemoPlan, database: str | None) -> Iterator[Premises]:
    """Use a folder of the system's, gone when all went well; after a failure it stays to be looked at."""
    name = _new_name()
    directory = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    _write_plan(directory, plan, name, database)
    premises = Premises(directory=directory, name=name, database=database)
    try:
        yield premises
    except KeyboardInterrupt:  # whoever stopped it wants nothing of it
        _clear_away(premises)
        raise
    _clear_away(premises)


def _clear_away(premises: Premises) -> None:
    remove(premises)
    shutil.rmtree(premises.directory)


def _new_name() -> str:
    return f"sf2530_{secrets.token_hex(4)}"


def _write_plan(directory: Path, plan: DemoPlan, name: str, database: str | None) -> None:
    text = json.dumps({"name": name, **_as_json(plan, database)}, indent=2)
    with usable(directory):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        (directory / PLAN_FILE).write_text(text + "\n", encoding="utf-8")


@contextmanager
def usable(directory: Path) -> Iterator[None]:
    """Say plainly when a folder can't be made, read or written. Raises FolderUnusable."""
    try:
        yield
    except OSError as error:
        raise FolderUnusable(
            _("The folder can't be used: %(why)s") % {"why": error.strerror},
            where=str(directory),
            remedy=_("Name a folder that you may write to."),
        ) from error


def _name_of_earlier(directory: Path, plan: DemoPlan, database: str | None) -> str | None:
    with usable(directory):
        if not directory.exists() or not any(directory.iterdir()):
            return None
    try:
        earlier = json.loads((directory / PLAN_FILE).read_text(encoding="utf-8"))
        name = str(earlier.pop("name"))
    except (OSError, ValueError, KeyError) as error:
        raise FolderUnusable(
            _("The folder is not empty, and what is in it is not a demo."),
            where=str(directory),
            remedy=_("Name a new or empty folder."),
        ) from error
    if earlier != _as_json(plan, database):
        raise FolderUnusable(
            _("The folder holds a demo that was asked for otherwise: %(options)s.")
            % {"options": ", ".join(f"{option} {value}" for option, value in earlier.items())},
            where=str(directory),
            remedy=_("Ask for the same to go on with it, or name a new or empty folder."),
        )
    return name


def _as_json(plan: DemoPlan, database: str | None) -> dict[str, object]:
    """Give the plan for comparing and keeping; of the database's URL, never the password."""
    shown = None if database is None else sa.make_url(database).render_as_string(hide_password=True)
    return asdict(plan) | {"value_date": plan.value_date.isoformat(), "database": shown}
