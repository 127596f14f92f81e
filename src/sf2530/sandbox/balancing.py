"""Count what the whole exchange came to at each party, and see that it agrees to the øre."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from sf2530.database.engines import reading
from sf2530.debitor import reconciling as debitor_reconciling
from sf2530.debitor.reconciling import Reconciliation
from sf2530.denmark.municipalities import MunicipalityCode
from sf2530.denmark.ore import format_kroner
from sf2530.hub import ledger
from sf2530.hub.states import EntryKind, TransferState
from sf2530.hub.tables import delivery, transfer
from sf2530.ky import reconciling as ky_reconciling
from sf2530.ky.reconciling import Reconciled
from sf2530.ky.runs import RunFilter
from sf2530.ky.tables import payment, withholding_share
from sf2530.language import _
from sf2530.sandbox.databases import Databases
from sf2530.sandbox.population import Population
from sf2530.sandbox.watching import alarms

FILES_A_MUNICIPALITY = 3  # inquiry, answer, report: each one transfer with one receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What each party says happened, and what ought to have."""

    expected: Mapping[MunicipalityCode, int]
    """How many agreements the population has that can be set off, by municipality."""
    ky: Mapping[MunicipalityCode, Reconciled]
    debitor: Mapping[MunicipalityCode, Reconciliation]
    inquiries: int
    """Inquiries that UDK Debitor has answered; more than municipalities means one was answered twice."""
    transfers: int
    receipts: int
    faults: tuple[str, ...] = field(default=())
    """What a party itself says is wrong: alarms, a broken ledger, a payment overdrawn."""


def read_books(databases: Databases, population: Population) -> Books:
    """Read all parties' books for the population's run."""
    value_date = population.value_date
    with reading(databases.ky) as tx:
        runs = ky_reconciling.reconcile(tx, RunFilter(value_date=value_date))
        overdrawn = _overdrawn(tx)
    with reading(databases.debitor) as tx:
        inquiries = debitor_reconciling.reconcile(tx, value_date=value_date)
    with reading(databases.hub) as tx:
        transfers, receipts = _carried(tx)
        broken = [_("The hub's ledger is broken: %(what)s") % {"what": what} for what in ledger.verify(tx)]
    return Books(
        expected=population.can_be_set_off,
        ky={one.run.key.municipality: one for one in runs},
        debitor={one.municipality: one for one in inquiries},
        inquiries=len(inquiries),
        transfers=transfers,
        receipts=receipts,
        faults=(*overdrawn, *broken, *_alarm_texts(databases)),
    )


def differences(books: Books) -> list[str]:
    """Say everything that does not agree; empty when all does."""
    municipalities = len(books.expected)
    files = FILES_A_MUNICIPALITY * municipalities
    found = [
        _("There should be %(due)s %(what)s, but there are %(counted)s.")
        % {"due": due, "what": what, "counted": counted}
        for what, counted, due in (
            (_("payout runs"), len(books.ky), municipalities),
            (_("inquiries answered"), books.inquiries, municipalities),
            (_("files delivered"), books.transfers, files),
            (_("receipts"), books.receipts, files),
        )
        if counted != due
    ]
    for municipality in books.expected:
        found += (f"{municipality}: {text}" for text in _differences_of(books, municipality))
    return [*found, *books.faults]


def _differences_of(books: Books, municipality: MunicipalityCode) -> Iterator[str]:
    ky, debitor = books.ky.get(municipality), books.debitor.get(municipality)
    if ky is None or debitor is None:
        yield _("KY or UDK Debitor knows nothing of this run.")
        return
    yield from ky.differences
    settled = debitor.settled + debitor.partly + debitor.zero
    counts = {
        _("agreements that can be set off"): books.expected[municipality],
        _("expectations"): debitor.expected,
        _("agreements answered"): ky.answered.count,
        _("withholdings"): ky.withheld.count,
        _("withholdings reported"): ky.reported.count,
        _("expectations settled"): settled,
    }
    yield from _unequal(counts, {name: str(count) for name, count in counts.items()})
    expected_ore = {_("expected"): debitor.expected_ore, _("answered"): ky.answered.ore}
    withheld_ore = {
        _("withheld"): ky.withheld.ore,
        _("reported"): ky.reported.ore,
        _("settled"): debitor.withheld_ore,
    }
    for amounts in (expected_ore, withheld_ore):
        yield from _unequal(amounts, {name: format_kroner(ore) for name, ore in amounts.items()})
    if not debitor.is_closed:
        yield _("Not every expectation is settled.")


def _unequal(values: Mapping[str, int], shown: Mapping[str, str]) -> Iterator[str]:
    if len(set(values.values())) > 1:
        yield _("These should be equal: %(values)s.") % {
            "values": ", ".join(f"{name} {value}" for name, value in shown.items())
        }


def _overdrawn(tx: sa.Connection) -> list[str]:
    """Find payments from which more was withheld than their net (invariant 5)."""
    payment_key = (withholding_share.c.run_id, withholding_share.c.payment_reference)
    # Added up first and then looked up by the payments' own key: a million shares take seconds.
    taken = (
        sa.select(*payment_key, sa.func.sum(withholding_share.c.withheld_ore).label("ore"))
        .group_by(*payment_key)
        .subquery("taken")
    )
    query = (
        sa.select(payment.c.payment_reference)
        .join(
            taken,
            (taken.c.run_id == payment.c.run_id) & (taken.c.payment_reference == payment.c.payment_reference),
        )
        .where(taken.c.ore > payment.c.net_ore)
    )
    return [
        _("More was withheld from payment %(reference)s than its net.") % {"reference": reference}
        for reference in tx.execute(query).scalars()
    ]


def _carried(tx: sa.Connection) -> tuple[int, int]:
    delivered = sa.select(sa.func.count()).where(transfer.c.state == TransferState.DELIVERED)
    receipts = sa.select(sa.func.count(sa.distinct(delivery.c.transfer_id))).where(
        delivery.c.kind == EntryKind.RECEIPT
    )
    return tx.execute(delivered).scalar_one(), tx.execute(receipts).scalar_one()


def _alarm_texts(databases: Databases) -> list[str]:
    return [
        _("Alarm %(code)s about %(subject)s: %(text)s")
        % {"code": alarm.code, "subject": alarm.subject, "text": alarm.text}
        for alarm in alarms(databases)
    ]
