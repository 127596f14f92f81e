"""Put the made-up population into UDK Debitor's and KY's databases, municipality by municipality.

Every step can be repeated: what an interrupted filling has done stays, and the rest is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from sf2530.database.engines import reading
from sf2530.debitor.importing import add_agreements
from sf2530.debitor.tables import agreement
from sf2530.ky import planning, runs
from sf2530.ky.payment_rows import PaymentRow
from sf2530.ky.payments import replace_payments
from sf2530.ky.runs import Run, RunFilter
from sf2530.ky.value_dates import dates_of
from sf2530.sandbox import population as made_up
from sf2530.sandbox.databases import Databases
from sf2530.sandbox.persons import Person
from sf2530.sandbox.population import Population

ASK_BANKING_DAYS_BEFORE = 5


def fill(databases: Databases, population: Population, *, now: datetime) -> Iterator[int]:
    """Plan the run, and give UDK Debitor the agreements and KY the payments of every municipality.

    Yields the number of municipalities done, after each one.
    """
    dates = dates_of(population.value_date, ask_banking_days_before=ASK_BANKING_DAYS_BEFORE)
    planning.plan(databases.ky, population.municipalities, dates, now=now)
    with reading(databases.ky) as tx:
        planned = runs.chosen(tx, RunFilter(value_date=population.value_date))
    with reading(databases.debitor) as tx:
        known = set(tx.execute(sa.select(agreement.c.municipality).distinct()).scalars())
    for done, run in enumerate(planned, start=1):
        municipality = run.key.municipality
        if municipality not in known or not run.payments_complete:
            persons = list(made_up.persons(population, municipality))
            _fill_debitor(databases.debitor, persons, already=municipality in known, now=now)
            _fill_ky(databases.ky, run, persons, now=now)
        yield done


def _fill_debitor(debitor: sa.Engine, persons: Iterable[Person], *, already: bool, now: datetime) -> None:
    if already:
        return
    with debitor.begin() as tx:
        add_agreements(tx, (asdict(one) for person in persons for one in person.agreements), now=now)


def _fill_ky(ky: sa.Engine, run: Run, persons: Iterable[Person], *, now: datetime) -> None:
    if run.payments_complete:
        return
    rows = (PaymentRow(**asdict(one)) for person in persons for one in person.payments)
    with ky.begin() as tx:
        replace_payments(tx, run.id, rows, now=now)
