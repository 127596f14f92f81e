"""UDK Debitor as a service: what is done with each file that comes in. Start here."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import Engine

from sf2530.database import leases
from sf2530.debitor.answering import answer
from sf2530.debitor.envelopes import Terms
from sf2530.debitor.settings import DebitorSettings
from sf2530.debitor.settling import settle
from sf2530.debitor.states import Outcome
from sf2530.denmark.business_time import Clock, utc_now
from sf2530.exchange import incoming
from sf2530.exchange.alarms import raise_alarm
from sf2530.exchange.participant import Participant, Work
from sf2530.exchange.tables import incoming_file
from sf2530.language import _
from sf2530.records.layout import FileKind
from sf2530.records.recognising import kind_of

_log = structlog.get_logger()


async def serve(
    engine: Engine, settings: DebitorSettings, stop: asyncio.Event, *, clock: Clock = utc_now
) -> None:
    """Take part until `stop` is set. Any number of processes may serve the same database."""
    terms = settings.terms()

    def handle_by_terms(work: Work) -> None:
        handle(work, terms)

    await Participant(engine, settings.exchange, handler=handle_by_terms, clock=clock).run(stop)


def handle(work: Work, terms: Terms) -> Outcome:
    """Deal with one file that has come in, and say what came of it. Raises LeaseLost with nothing written."""
    match kind_of(work.content, work.file.name, terms.layouts.values()):
        case FileKind.INQUIRY:
            return answer(work, terms)
        case FileKind.REPORT:
            return settle(work, terms)
        case _:
            return _put_aside(work)


def _put_aside(work: Work) -> Outcome:
    """Take note of a file that is neither inquiry nor report; its bytes stay archived."""
    with work.engine.begin() as tx:
        leases.hold(tx, incoming_file, work.lease, now=work.now)
        raise_alarm(
            tx,
            code="file-not-ours",
            subject=work.file.name,
            text=_("A file from %(sender)s is neither an inquiry nor a withholding report")
            % {"sender": work.file.sender},
            remedy=_("Nothing was done with it. Ask the sender what it is; its bytes are in the archive."),
            now=work.now,
        )
        incoming.processed(tx, work.lease, outcome=Outcome.NOT_OURS, now=work.now)
    _log.warning("file-not-ours", file=work.file.name)
    return Outcome.NOT_OURS
