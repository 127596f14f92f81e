"""Write a party's next migration script: `python -m sf2530.database.revise sf2530.ky.migrations "Begin"`.

For developers. Compares the declared tables with a fresh SQLite database that has had all scripts so far.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import Script, ScriptDirectory

from sf2530.database.engines import open_engine
from sf2530.database.migrating import configuration, party, upgrade


def revise(migrations: str, message: str) -> Path:
    """Write the script that leads from the last one to the tables as declared now, and give its path."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/fresh.db")
        try:
            upgrade(engine, migrations)
            with engine.connect() as connection:
                config = configuration(migrations, connection)
                number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
                rev_id = f"{party(migrations)}_{number:04d}"
                script = command.revision(config, message, autogenerate=True, rev_id=rev_id)
        finally:
            engine.dispose()
    if not isinstance(script, Script):  # never for a single revision, says Alembic's documentation
        raise TypeError(script)
    return Path(script.path)


if __name__ == "__main__":
    sys.stdout.write(f"{revise(*sys.argv[1:])}\n")
