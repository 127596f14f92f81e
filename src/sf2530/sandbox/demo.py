"""The main job: one whole national exchange, with every party a process of its own and real SFTP between."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sf2530.configuration import read_settings
from sf2530.denmark.business_time import Clock
from sf2530.errors import Sf2530Error
from sf2530.ky.inquiring import ask_all
from sf2530.ky.runs import RunFilter
from sf2530.ky.settings import KySettings
from sf2530.language import _
from sf2530.sandbox.balancing import Books, differences, read_books
from sf2530.sandbox.databases import Databases, opened
from sf2530.sandbox.filling import fill
from sf2530.sandbox.laying_out import HASTE, connect_parties, free_port, lay_out
from sf2530.sandbox.population import Population
from sf2530.sandbox.premises import DEBITOR, HUB, KY, Premises
from sf2530.sandbox.processes import Party, Supervisor
from sf2530.sandbox.progress import Progress, Step, heading, is_complete
from sf2530.sandbox.screen import Screen
from sf2530.sandbox.summary import Seconds, Summary, summarise
from sf2530.sandbox.watching import alarms, progress

LOOK_SECONDS = 0.4  # between two looks at the databases
READY_SECONDS = 60.0  # how long the parties may take to come up
STALL_SECONDS = 180.0  # without any progress, the demo is given up …
ALARMED_STALL_SECONDS = 20.0  # … sooner, when a party has raised an alarm
MOST_SHOWN = 10  # lines about what is wrong


class DoesNotBalance(Sf2530Error):
    """The parties' books do not agree."""

    code: ClassVar[str] = "does-not-balance"


class StandsStill(Sf2530Error):
    """The exchange makes no progress any more."""

    code: ClassVar[str] = "stands-still"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What is to be run, and where."""

    premises: Premises
    population: Population
    clock: Clock


def run(demo: Demo, screen: Screen) -> Summary:
    """Run the exchange to its end and give its figures.

    On the folder of an interrupted demo it goes on where that stopped. Whatever happens, no process stays.
    Raises DoesNotBalance, StandsStill, or PartyFailed.
    """
    started = time.monotonic()
    # a free port of this moment: an interrupted demo can go on beside another
    lay_out(demo.premises, port=free_port(), patience=HASTE)
    with opened(demo.premises) as databases:
        connect_parties(databases.hub, demo.premises, now=demo.clock())
        _fill(demo, databases, screen)
        with Supervisor() as supervisor:
            _start_parties(demo.premises, supervisor)
            asked = time.monotonic()
            _ask(demo, databases)
            _follow(demo, databases, supervisor, screen)
            seconds = Seconds(setup=asked - started, cycle=time.monotonic() - asked)
        books = read_books(databases, demo.population)
    return _balanced(books, seconds, demo.premises)


def _fill(demo: Demo, databases: Databases, screen: Screen) -> None:
    municipalities = len(demo.population.municipalities)
    screen.say(
        _("Making up %(agreements)s agreements in %(municipalities)s municipalities …")
        % {"agreements": sum(demo.population.can_be_set_off.values()), "municipalities": municipalities}
    )
    for done in fill(databases, demo.population, now=demo.clock()):
        screen.advance(done, of=municipalities)


def _start_parties(premises: Premises, supervisor: Supervisor) -> None:
    """Start the hub, and when it serves the others: what is timed as the cycle begins with all of them up."""
    for together in ((HUB,), (DEBITOR, KY)):
        parties = [_party(premises, name) for name in together]
        for party in parties:
            supervisor.start(party)
        _wait_for(parties, supervisor)


def _party(premises: Premises, name: str) -> Party:
    arguments = (name, "serve", "--config", str(premises.configuration(name)))
    return Party(name=name, arguments=arguments, log=premises.log(name))


def _wait_for(parties: Sequence[Party], supervisor: Supervisor) -> None:
    give_up = time.monotonic() + READY_SECONDS
    while not all(party.is_serving() for party in parties):
        supervisor.keep_running()
        if time.monotonic() > give_up:
            names = ", ".join(party.name for party in parties)
            raise StandsStill(
                _("These parties do not come up: %(names)s.") % {"names": names},
                where=str(parties[0].log.parent),
                remedy=_("Read their logs there."),
            )
        time.sleep(LOOK_SECONDS)


def _ask(demo: Demo, databases: Databases) -> None:
    """Do what `sf2530 ky run start` does: KY's own process then sends the inquiries."""
    settings = read_settings(demo.premises.configuration(KY), KySettings)
    which = RunFilter(value_date=demo.population.value_date)
    ask_all(databases.ky, which, terms=settings.terms(), now=demo.clock())


def _follow(demo: Demo, databases: Databases, supervisor: Supervisor, screen: Screen) -> None:
    started = changed = time.monotonic()
    before: Progress = {}
    while True:
        supervisor.keep_running()
        present = progress(databases, demo.population.value_date)
        now = time.monotonic()
        screen.show(present, seconds=now - started)
        if is_complete(present):
            return
        if present != before:
            before, changed = present, now
        else:
            _give_up_if_stalled(demo, databases, present, seconds=now - changed)
        time.sleep(LOOK_SECONDS)


def _give_up_if_stalled(demo: Demo, databases: Databases, present: Progress, *, seconds: float) -> None:
    if seconds < ALARMED_STALL_SECONDS:
        return
    told = alarms(databases)
    if not told and seconds < STALL_SECONDS:
        return
    waiting = [
        f"{code}: {heading(step)}" for code, step in sorted(present.items()) if step is not Step.SETTLED
    ]
    raise StandsStill(
        _("No progress for %(seconds).0f seconds.\nNot settled:\n%(waiting)s\nAlarms:\n%(alarms)s")
        % {
            "seconds": seconds,
            "waiting": _first_of(waiting),
            "alarms": _first_of([f"{alarm.code}, {alarm.subject}: {alarm.text}" for alarm in told]),
        },
        where=str(demo.premises.directory),
        remedy=_("Read the logs in the folder; `sf2530 demo --directory` on it goes on where this stopped."),
    )


def _first_of(texts: Sequence[str]) -> str:
    more = [_("… and %(count)s more") % {"count": len(texts) - MOST_SHOWN}] if len(texts) > MOST_SHOWN else []
    return "\n".join(f"  {text}" for text in [*texts[:MOST_SHOWN], *more])


def _balanced(books: Books, seconds: Seconds, premises: Premises) -> Summary:
    if found := differences(books):
        raise DoesNotBalance(
            _("The parties' books do not agree:\n%(differences)s") % {"differences": _first_of(found)},
            where=str(premises.directory),
            remedy=_("The databases and logs are in the folder."),
        )
    return summarise(books, seconds)
