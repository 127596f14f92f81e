"""Run a party's migrations, or compare its tables with a database: Alembic calls this file."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from sf2530.database.types import UtcDateTime


def _render(kind: str, item: Any, autogenerating: AutogenContext) -> str | Literal[False]:
    """Write our own column type in a new script by its short name."""
    if kind != "type" or not isinstance(item, UtcDateTime):
        return False
    autogenerating.imports.add("from sf2530.database.types import UtcDateTime")
    return "UtcDateTime()"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,  # SQLite changes a table by copying it
    render_item=_render,
    compare_server_default=True,
)
context.run_migrations()
