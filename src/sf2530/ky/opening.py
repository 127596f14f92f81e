"""Open KY's database as its configuration says, brought to the present tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from sf2530.configuration import read_settings
from sf2530.database import opening
from sf2530.ky.settings import KySettings

MIGRATIONS: Final = "sf2530.ky.migrations"


@contextmanager
def opened(config: Path) -> Iterator[tuple[KySettings, Engine]]:
    """Give KY's settings and its database, until the end of the block."""
    settings = read_settings(config, KySettings)
    with opening.opened(settings.database, MIGRATIONS) as engine:
        yield settings, engine


@contextmanager
def opened_engine(config: Path) -> Iterator[Engine]:
    """Give KY's database alone, until the end of the block."""
    with opened(config) as (_settings, engine):
        yield engine
