"""Name the exact command that an alarm advises: the exchange is shared, its commands are each party's own."""

from __future__ import annotations

from sqlalchemy import Connection

from sf2530.database.engines import APPLICATION


def command(tx: Connection, words: str) -> str:
    """Give a command of the party whose database this is, as a person types it: `sf2530 ky files list`."""
    return f"{tx.get_execution_options().get(APPLICATION, 'sf2530')} {words}"
