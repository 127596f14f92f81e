"""KY's test language: one KY with a real database, and a hub and a UDK Debitor that a test plays itself."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from sf2530.database import content as archive
from sf2530.database.engines import open_engine, reading
from sf2530.database.leases import Lease
from sf2530.database.migrating import upgrade
from sf2530.denmark.cpr import CprNumber
from sf2530.denmark.municipalities import municipality
from sf2530.exchange import incoming, outgoing
from sf2530.exchange.alarms import open_alarms
from sf2530.exchange.desk import Desk
from sf2530.exchange.documents import ErrorMessage, FileDescriptor, FileMetadata
from sf2530.exchange.incoming import Fetched
from sf2530.exchange.outgoing import OutgoingFile
from sf2530.exchange.settings import ExchangeSettings
from sf2530.exchange.states import IncomingState, OutgoingState
from sf2530.exchange.tables import outgoing_file
from sf2530.exchange.working import Work
from sf2530.ky import exporting, inquiring, payments, planning, reconciling, runs, status
from sf2530.ky.advancing import advance
from sf2530.ky.envelopes import Terms
from sf2530.ky.exporting import Exported, ExportFormat
from sf2530.ky.payment_rows import PaymentRow
from sf2530.ky.payments import PaymentsReplaced
from sf2530.ky.receipting import receipt_hooks
from sf2530.ky.receiving import receive
from sf2530.ky.reconciling import Reconciled
from sf2530.ky.runs import Run, RunFilter
from sf2530.ky.states import RunState
from sf2530.ky.status import RefusedFile
from sf2530.ky.tables import metadata
from sf2530.ky.value_dates import dates_of
from sf2530.records.layout import FileKind
from sf2530.records.layout_files import layout
from sf2530.records.naming import RunKey, delivery_id, file_name
from sf2530.records.reading import Decoded, decode
from sf2530.records.writing import encode

VALUE_DATE = date(2026, 11, 30)
LEASE_SECONDS = 60.0
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBO8LzCEoU1WTgJ0hGJBwmbIvkW9ejUNyflE5MvsVYGq"


class TownClock:
    """A clock that stands still until it is told to pass."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Paid:
    """One payment of the payments list."""

    cpr: str
    net_ore: int
    benefit: str = "KTH"


@dataclass(frozen=True)
class Agreed:
    """One agreement of an answer."""

    number: str
    cpr: str
    ore: int
    priority: int = 1


class KyTown:
    """One KY, driven step by step; the test is the hub and UDK Debitor."""

    PERSON = "6101901234"
    OTHER_PERSON = "6202801111"

    def __init__(self, url: str, *, profile: str = "standard") -> None:
        self.url = url
        self.engine = open_engine(url)
        upgrade(self.engine, "sf2530.ky.migrations")
        self.clock = TownClock()
        self.terms = Terms(
            own_name="KY",
            counterpart="UDKDEB",
            layouts={kind: layout(kind, profile) for kind in FileKind},
        )
        self._transfers = itertools.count(1)

    def close(self) -> None:
        self.engine.dispose()

    # words to build with

    @staticmethod
    def agreed(number: int, ore: int, *, cpr: str = PERSON, priority: int = 1) -> Agreed:
        return Agreed(number=f"{number:012d}", cpr=cpr, ore=ore, priority=priority)

    @staticmethod
    def paid(net_ore: int, *, cpr: str = PERSON, benefit: str = "KTH") -> Paid:
        return Paid(cpr=cpr, net_ore=net_ore, benefit=benefit)

    @staticmethod
    def key(code: str = "0101") -> RunKey:
        return RunKey(municipality=municipality(code).code, value_date=VALUE_DATE)

    # what KY's people do

    def plans(self, *codes: str) -> planning.Planned:
        dates = dates_of(VALUE_DATE, ask_banking_days_before=5)
        chosen = [municipality(code).code for code in codes]
        return planning.plan(self.engine, chosen, dates, now=self.clock())

    def starts(self) -> list[RunKey]:
        which = RunFilter(value_date=VALUE_DATE)
        return inquiring.ask_all(self.engine, which, terms=self.terms, now=self.clock())

    def asks(self, code: str = "0101") -> None:
        self.plans(code)
        self.starts()

    def takes_payments(self, *paid: Paid, code: str = "0101") -> PaymentsReplaced:
        rows = [
            PaymentRow(
                payment_reference=f"{code}-{number}",
                cpr=CprNumber(one.cpr),
                benefit_code=one.benefit,
                period_from=date(2026, 11, 1),
                period_to=date(2026, 11, 30),
                gross_ore=one.net_ore + 100_00,
                deductions_ore=100_00,
                net_ore=one.net_ore,
            )
            for number, one in enumerate(paid, start=1)
        ]
        with self.engine.begin() as tx:
            return payments.replace_payments(tx, runs.get(tx, self.key(code)).id, rows, now=self.clock())

    # what KY's process does

    def desk(self) -> Desk:
        settings = ExchangeSettings.model_validate(
            {
                "mailbox": {"host": "h", "user": "KY", "key_file": "k", "host_keys": [HOST_KEY]},
                "lease_seconds": LEASE_SECONDS,
                "tries_before_quarantine": 3,
            }
        )
        return Desk(engine=self.engine, settings=settings, clock=self.clock)

    def works(self) -> int:
        """Take every step that can be taken by itself, and say how many there were."""
        steps = 0
        while advance(self.desk(), terms=self.terms):
            steps += 1
        return steps

    # what the hub does

    def hub_delivers(self, name: str) -> None:
        self._closes(name, OutgoingState.DELIVERED, ())

    def hub_refuses(self, name: str, *, why: str = "NoRoute") -> None:
        error = ErrorMessage(code=4, description=why, detail="there is no route")
        self._closes(name, OutgoingState.REFUSED, (error,))

    def _closes(self, name: str, to: OutgoingState, errors: Sequence[ErrorMessage]) -> None:
        hooks = receipt_hooks(self.clock)
        with self.engine.begin() as tx:
            file = outgoing.find(tx, name=name, lock=True)
            assert file is not None
            if file.state is OutgoingState.DELIVERED:
                return  # the exchange does not tell of a second receipt
            outgoing.close(tx, file, to=to, transfer_id="receipt", now=self.clock())
            if to is OutgoingState.DELIVERED and hooks.delivered:
                hooks.delivered(tx, file)
            elif hooks.refused:
                hooks.refused(tx, file, errors)

    # what UDK Debitor does

    def answer(self, *agreed: Agreed, code: str = "0101", **start: object) -> bytes:
        key = self.key(code)
        values: dict[str, object] = {
            "KOMMUNENR": code,
            "PRODDATO": date(2026, 11, 23),
            "PRODTID": "101112",
            "LEVERANCEID": delivery_id(FileKind.ANSWER, key),
            "REF_LEVERANCEID": delivery_id(FileKind.INQUIRY, key),
            "AFSENDER": "UDKDEB",
            "MODTAGER": "KY",
            "DISPOSITIONSDATO": VALUE_DATE,
        } | start
        rows = [self._agreement(one) for one in sorted(agreed, key=lambda one: (one.cpr, one.number))]
        return encode(self.terms.layouts[FileKind.ANSWER], start=values, rows={"020": rows})

    @staticmethod
    def _agreement(one: Agreed) -> Mapping[str, object]:
        return {
            "PNR": one.cpr,
            "AFTALENR": one.number,
            "AFTALETYPE": "01",
            "PRIORITET": one.priority,
            "MDRBELOEB": one.ore,
            "GYLDIG_FRA": date(2025, 1, 1),
            "GYLDIG_TIL": None,
            "FORFALDSDATO": date(2026, 12, 1),
            "ANTAL_BIDRAG": 1,
            "KRAVREF": f"KRAV{one.number}",
            "AFTALESTATUS": "A",
            "FORVENTET_MRK": "J",
            "FORVENTET_DATO": VALUE_DATE,
        }

    def rejection(
        self, of: FileKind = FileKind.INQUIRY, *, code: str = "0101", **error_fields: object
    ) -> bytes:
        key = self.key(code)
        start = {
            "KOMMUNENR": code,
            "PRODDATO": date(2026, 11, 23),
            "PRODTID": "101112",
            "LEVERANCEID": delivery_id(FileKind.REJECT, key),
            "REF_LEVERANCEID": delivery_id(of, key),
            "AFSENDER": "UDKDEB",
            "MODTAGER": "KY",
            "DISPOSITIONSDATO": VALUE_DATE,
        }
        error: dict[str, object] = {
            "FEJLKODE": "SUM-WRONG",
            "FEJL_LINJE": 3,
            "FEJL_FRA": 0,
            "FEJL_TIL": 0,
            "FEJL_FELT": "SUM_BELOEB",
            "FEJL_ANTAL": 1,
            "FEJL_TEKST": "THE SUM IS WRONG",
        } | error_fields
        return encode(self.terms.layouts[FileKind.REJECT], start=start, rows={"910": [error]})

    def rejects_report(self, code: str = "0101") -> bytes:
        return self.rejection(FileKind.REPORT, code=code)

    def answers(self, *agreed: Agreed, code: str = "0101") -> str:
        return self.receives(self.answer(*agreed, code=code), code=code)

    def receives(
        self, content: bytes, *, name: str | None = None, code: str = "0101", sender: str = "UDKDEB"
    ) -> str:
        """Let a file come in and KY work on it; give its outcome, or its state where no work was done."""
        name = name or file_name(FileKind.ANSWER, self.key(code))
        state = self.registers(content, name=name, sender=sender)
        if state is not IncomingState.REGISTERED:
            return state
        return self.works_on_incoming()

    def registers(self, content: bytes, *, name: str, sender: str = "UDKDEB") -> IncomingState:
        number = next(self._transfers)
        descriptor = FileDescriptor(
            file_name=name, size_bytes=len(content), sender=sender, recipients=("KY",), senders_file_id=None
        )
        fetched = Fetched(
            metadata=FileMetadata(transfer_id=f"transfer-{number}", descriptor=descriptor),
            raw_metadata=f"metadata {number}".encode(),
            content=content,
        )
        with self.engine.begin() as tx:
            state = incoming.register(tx, fetched, now=self.clock())
        assert state is not None
        return state

    def works_on_incoming(self) -> str:
        work = self.work(self.takes_incoming())
        return receive(work, terms=self.terms)

    def takes_incoming(self, owner: str = "worker") -> Lease:
        with self.engine.begin() as tx:
            (lease,) = incoming.take(tx, owner=owner, now=self.clock(), seconds=LEASE_SECONDS, limit=1)
        return lease

    def work(self, lease: Lease) -> Work:
        with reading(self.engine) as tx:
            file, content = incoming.load(tx, lease.id)
        return Work(engine=self.engine, file=file, lease=lease, content=content, now=self.clock())

    # what can be seen

    def run(self, code: str = "0101") -> Run:
        with reading(self.engine) as tx:
            (found,) = runs.chosen(tx, RunFilter(municipality=municipality(code).code))
        return found

    def state(self, code: str = "0101") -> RunState:
        return self.run(code).state

    def alarms(self) -> list[str]:
        with reading(self.engine) as tx:
            return [alarm.code for alarm in open_alarms(tx)]

    def outbox(self) -> dict[str, bytes]:
        with reading(self.engine) as tx:
            names = tx.execute(sa.select(outgoing_file.c.name).order_by(outgoing_file.c.id)).scalars().all()
            return {name: self._bytes(tx, outgoing.find(tx, name=name)) for name in names}

    @staticmethod
    def _bytes(tx: sa.Connection, file: OutgoingFile | None) -> bytes:
        assert file is not None
        return archive.get(tx, file.sha256)

    def inquiry_name(self, code: str = "0101") -> str:
        return file_name(FileKind.INQUIRY, self.key(code))

    def report_name(self, code: str = "0101") -> str:
        return file_name(FileKind.REPORT, self.key(code))

    def report(self, code: str = "0101") -> Decoded:
        """Read the report back, as UDK Debitor will; it has to be right."""
        name = self.report_name(code)
        decoded = decode(self.outbox()[name], self.terms.layouts[FileKind.REPORT], name=name)
        assert decoded.report.accepted, decoded.report.findings
        return decoded

    def reported(self, code: str = "0101") -> list[tuple[object, ...]]:
        """Give (agreement, withheld, reason, payment) of each line of the report."""
        return [
            (row["AFTALENR"], row["TILBAGEHOLDT_BELOEB"], row["AARSAGSKODE"], row["BETALINGSREF"])
            for row in self.report(code).rows("030")
        ]

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        with reading(self.engine) as tx:
            return [tuple(row) for row in tx.execute(sa.select(metadata.tables[table]))]

    def refused(self) -> list[RefusedFile]:
        with reading(self.engine) as tx:
            return status.refused_files(tx, RunFilter())

    def reconciles(self) -> list[Reconciled]:
        with reading(self.engine) as tx:
            return reconciling.reconcile(tx, RunFilter())

    def exports(self, form: ExportFormat = ExportFormat.CSV) -> tuple[Exported, bytes]:
        file = io.BytesIO()
        with reading(self.engine) as tx:
            exported = exporting.export_withholdings(tx, RunFilter(), file, form=form)
        return exported, file.getvalue()

    def tampers(self, statement: str) -> None:
        with self.engine.begin() as tx:
            tx.execute(sa.text(statement))


@pytest.fixture
def make_town(make_database_url: Callable[[], str]) -> Iterator[Callable[..., KyTown]]:
    made: list[KyTown] = []

    def make(*, profile: str = "standard") -> KyTown:
        made.append(KyTown(make_database_url(), profile=profile))
        return made[-1]

    yield make
    for town in made:
        town.close()


@pytest.fixture
def town(make_town: Callable[..., KyTown]) -> KyTown:
    return make_town()
