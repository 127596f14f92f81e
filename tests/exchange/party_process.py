"""A party as a process of its own, for tests that kill it: `party_process.py DATABASE_URL SETTINGS_FILE`.

It answers each file that comes in with one of its own, in the transaction that notes the effect.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.exchange.parties import note_effect

from sf2530.database.engines import open_engine
from sf2530.exchange import incoming, outgoing
from sf2530.exchange.participant import Participant, ReceiptHooks, Work
from sf2530.exchange.serving import run_until_stopped
from sf2530.exchange.settings import ExchangeSettings


def answer(job: Work) -> None:
    """Note the effect, put the answer into the outbox and end the work, all or nothing."""
    name = f"answer-to-{job.file.name}"
    with job.engine.begin() as tx:
        note_effect(tx, "work", job.file.name)
        outgoing.put(
            tx,
            name=name,
            content=b"answer to " + job.content,
            recipient="OTHER",
            senders_file_id=name,
            subject=name,
            now=job.now,
        )
        incoming.processed(tx, job.lease, outcome="answered", now=job.now)


def main(database_url: str, settings_file: str) -> None:
    """Take part until standard input closes."""
    engine = open_engine(database_url)
    settings = ExchangeSettings.model_validate_json(Path(settings_file).read_text())
    hooks = ReceiptHooks(delivered=lambda tx, file: note_effect(tx, "delivered", file.name))
    participant = Participant(engine, settings, handler=answer, hooks=hooks)
    run_until_stopped(participant.run, until_stdin_closes=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
