"""A small language for tests of UDK Debitor: a town whose files come in and whose outbox is looked at.

No SFTP: files are registered as the fetch pass registers them, and worked on as the work pass does, on a
real database of either kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

from sf2530.database import content as archive
from sf2530.database.engines import open_engine, reading
from sf2530.database.leases import Lease
from sf2530.database.migrating import upgrade
from sf2530.debitor.envelopes import Terms
from sf2530.debitor.importing import add_agreements
from sf2530.debitor.reconciling import Reconciliation, reconcile
from sf2530.debitor.states import Outcome
from sf2530.debitor.tables import agreement, expectation, inquiry, refused_line, withholding_report
from sf2530.debitor.worker import handle
from sf2530.denmark.municipalities import MunicipalityCode
from sf2530.exchange import incoming, outgoing
from sf2530.exchange.alarms import Alarm, open_alarms
from sf2530.exchange.documents import FileDescriptor, FileMetadata
from sf2530.exchange.incoming import Fetched
from sf2530.exchange.states import IncomingState, OutgoingState
from sf2530.exchange.tables import incoming_file, outgoing_file
from sf2530.exchange.working import Work
from sf2530.records.layout import FileKind
from sf2530.records.layout_files import layout
from sf2530.records.naming import RunKey, RunType, delivery_id, file_name
from sf2530.records.reading import Decoded, decode
from sf2530.records.writing import encode

LEASE_SECONDS = 60.0


@dataclass
class DebitorTown:
    """UDK Debitor in a test: its database, its clock, and the files that KY sends it."""

    url: str
    profile: str = "standard"
    now: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    serials: Iterator[int] = field(default_factory=lambda: count(1))
    persons: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = open_engine(self.url)
        upgrade(self.engine, "sf2530.debitor.migrations")
        self.terms = Terms(
            own_name="UDKDEB",
            counterpart="KY",
            oldest_days=10,
            farthest_days=100,
            set_off_types=frozenset({"01"}),
            layouts={kind: layout(kind, self.profile) for kind in FileKind},
        )

    # Given -------------------------------------------------------------------------------------------------

    def has_agreements(self, municipality: str = "0101", *, count: int = 1, **changes: object) -> list[str]:
        """Add active agreements that can be set off, each of another made-up person; give their numbers."""
        rows = [self._agreement(municipality) | changes for _ in range(count)]
        with self.engine.begin() as tx:
            add_agreements(tx, rows, now=self.now)
        self.persons |= {str(row["agreement_number"]): str(row["cpr"]) for row in rows}
        return [str(row["agreement_number"]) for row in rows]

    def _agreement(self, municipality: str) -> dict[str, object]:
        serial = next(self.serials)
        return {
            "agreement_number": f"{serial:012d}",
            "cpr": f"610190{serial % 10_000:04d}",
            "municipality": municipality,
            "agreement_type": "01",
            "priority": 1,
            "monthly_ore": 1_500_00,
            "contributions": 1,
            "valid_from": date(2026, 1, 1),
            "claim_reference": f"KRAV{serial}",
        }

    def passes(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)

    # What KY writes ----------------------------------------------------------------------------------------

    def run(
        self, municipality: str = "0101", *, value_date: date = date(2026, 11, 30), sequence: int = 1
    ) -> RunKey:
        """Give the key of a monthly run."""
        return RunKey(
            municipality=MunicipalityCode(municipality),
            value_date=value_date,
            run_type=RunType.MONTHLY,
            sequence=sequence,
        )

    def inquiry_of(
        self, run: RunKey, *, start: Mapping[str, object] | None = None, **record: object
    ) -> bytes:
        """Write the inquiry of a run as KY does; `start` and `record` change fields of it."""
        row = {
            "FORESPID": delivery_id(FileKind.INQUIRY, run),
            "KOERSELSDATO": date(2026, 11, 20),
            "DISPOSITIONSDATO": run.value_date,
            "PERIODE_FRA": run.value_date.replace(day=1),
            "PERIODE_TIL": run.value_date,
            "KOERSELSTYPE": run.run_type.value,
        }
        return self._encode(FileKind.INQUIRY, run, start=start or {}, rows={"010": [row | record]})

    def report_of(
        self,
        run: RunKey,
        lines: Sequence[Mapping[str, object]],
        *,
        start: Mapping[str, object] | None = None,
    ) -> bytes:
        """Write the withholding report of a run as KY does, with these lines (see `withheld`)."""
        reference = {"REF_LEVERANCEID": delivery_id(FileKind.INQUIRY, run)}
        return self._encode(FileKind.REPORT, run, start=reference | dict(start or {}), rows={"030": lines})

    def withheld(
        self, number: str, ore: int = 1_500_00, *, reason: str = "00", **changes: object
    ) -> dict[str, object]:
        """Give a report's line for an agreement."""
        return {
            "PNR": self.persons.get(number, "6101909999"),
            "AFTALENR": number,
            "AFTALT_BELOEB": 1_500_00,
            "TILBAGEHOLDT_BELOEB": ore,
            "DISPOSITIONSDATO": date(2026, 11, 30),
            "PERIODE_FRA": date(2026, 11, 1),
            "PERIODE_TIL": date(2026, 11, 30),
            "YDELSESKODE": "KTH",
            "AARSAGSKODE": reason,
            "BETALINGSREF": "BETALING1",
        } | changes

    def _encode(
        self, kind: FileKind, run: RunKey, *, start: Mapping[str, object], rows: Mapping[str, Any]
    ) -> bytes:
        first = {
            "KOMMUNENR": run.municipality,
            "PRODDATO": date(2026, 11, 20),
            "PRODTID": "080000",
            "LEVERANCEID": delivery_id(kind, run),
            "REF_LEVERANCEID": "",
            "AFSENDER": "KY",
            "MODTAGER": "UDKDEB",
            "DISPOSITIONSDATO": run.value_date,
        }
        return encode(self.terms.layouts[kind], start=first | dict(start), rows=rows)

    # When --------------------------------------------------------------------------------------------------

    def receives(
        self, name: str, content: bytes, *, sender: str = "KY", senders_file_id: str | None = None
    ) -> None:
        """Register a file as the fetch pass does, under a transfer id of its own."""
        descriptor = FileDescriptor(
            file_name=name,
            size_bytes=len(content),
            sender=sender,
            recipients=("UDKDEB",),
            senders_file_id=senders_file_id,
        )
        metadata = FileMetadata(transfer_id=f"transfer-{next(self.serials)}", descriptor=descriptor)
        fetched = Fetched(metadata=metadata, raw_metadata=metadata.transfer_id.encode(), content=content)
        with self.engine.begin() as tx:
            incoming.register(tx, fetched, now=self.now)

    def takes(self, owner: str = "worker") -> Work | None:
        """Lease the next file as a worker does, and give its work; None if there is none."""
        with self.engine.begin() as tx:
            leases = incoming.take(tx, owner=owner, now=self.now, seconds=LEASE_SECONDS, limit=1)
        return self._work(leases[0]) if leases else None

    def does(self, work: Work) -> Outcome:
        """Let a worker do its work now."""
        return handle(replace(work, now=self.now), self.terms)

    def works(self) -> list[Outcome]:
        """Work on everything that waits; give what came of each file."""
        outcomes = []
        while work := self.takes():
            outcomes.append(self.does(work))
        return outcomes

    def lets_in_conflicts(self) -> None:
        """Let a person decide that every conflicting file is worked on after all."""
        with self.engine.begin() as tx:
            query = sa.select(incoming_file.c.id).where(incoming_file.c.state == IncomingState.CONFLICT)
            for number in tx.scalars(query).all():
                incoming.release(tx, number, now=self.now)

    def is_asked(self, run: RunKey, *, name: str | None = None) -> Outcome:
        """Receive the inquiry of a run and work on it."""
        self.receives(
            name or file_name(FileKind.INQUIRY, run),
            self.inquiry_of(run),
            senders_file_id=delivery_id(FileKind.INQUIRY, run),
        )
        [outcome] = self.works()
        return outcome

    def is_told(self, run: RunKey, *lines: Mapping[str, object], name: str | None = None) -> Outcome:
        """Receive the withholding report of a run and work on it."""
        self.receives(
            name or file_name(FileKind.REPORT, run),
            self.report_of(run, lines),
            senders_file_id=delivery_id(FileKind.REPORT, run),
        )
        [outcome] = self.works()
        return outcome

    def _work(self, lease: Lease) -> Work:
        with reading(self.engine) as tx:
            file, content = incoming.load(tx, lease.id)
        return Work(engine=self.engine, file=file, lease=lease, content=content, now=self.now)

    # Then --------------------------------------------------------------------------------------------------

    def outbox(self) -> dict[str, bytes]:
        """Give everything that was ever put in the outbox, by name."""
        with reading(self.engine) as tx:
            rows = tx.execute(sa.select(outgoing_file).order_by(outgoing_file.c.id)).all()
            return {row.name: archive.get(tx, row.sha256) for row in rows}

    def recipient_of(self, name: str) -> str:
        """Give whom a file in the outbox is for."""
        with reading(self.engine) as tx:
            found = outgoing.find(tx, name=name)
        assert found is not None
        return found.recipient

    def is_delivered(self, name: str) -> None:
        """Close a file in the outbox as the platform's receipt does."""
        with self.engine.begin() as tx:
            found = outgoing.find(tx, name=name)
            assert found is not None
            outgoing.close(tx, found, to=OutgoingState.DELIVERED, transfer_id="receipt", now=self.now)

    def waits_to_be_sent(self, name: str) -> bool:
        """Tell if a file in the outbox is still, or again, to be sent."""
        with reading(self.engine) as tx:
            found = outgoing.find(tx, name=name)
        return found is not None and found.state is OutgoingState.WAITING

    def answer_to(self, run: RunKey) -> bytes:
        """Give the bytes of the answer to a run's inquiry."""
        return self.outbox()[file_name(FileKind.ANSWER, run)]

    def answered_numbers(self, run: RunKey) -> list[str]:
        """Give the agreement numbers in the answer to a run's inquiry, in its order."""
        decoded = self.reads(FileKind.ANSWER, self.answer_to(run))
        return [str(row["AFTALENR"]) for row in decoded.rows("020")]

    def reads(self, kind: FileKind, content: bytes) -> Decoded:
        """Read a file of ours with all checks; it has to pass them."""
        decoded = decode(content, self.terms.layouts[kind], name="ours")
        assert decoded.report.findings == ()
        return decoded

    def rejects(self) -> list[Decoded]:
        """Give the reject answers in the outbox."""
        return [
            self.reads(FileKind.REJECT, content)
            for name, content in self.outbox().items()
            if name.startswith("BAAFVIS")
        ]

    def marks(self, run: RunKey) -> dict[str, str]:
        """Give the marks that a run's inquiry has caused: agreement number to state."""
        query = (
            sa.select(agreement.c.agreement_number, expectation.c.state)
            .join_from(expectation, agreement, expectation.c.agreement_id == agreement.c.id)
            .join(inquiry, expectation.c.inquiry_id == inquiry.c.id)
            .where(inquiry.c.delivery_id == delivery_id(FileKind.INQUIRY, run))
        )
        with reading(self.engine) as tx:
            return {row.agreement_number: row.state for row in tx.execute(query)}

    def all_marks(self) -> int:
        """Count all marks there are."""
        with reading(self.engine) as tx:
            return tx.scalar(sa.select(sa.func.count()).select_from(expectation)) or 0

    def report_state(self, run: RunKey) -> str | None:
        """Give the state of a run's withholding report."""
        c = withholding_report.c
        with reading(self.engine) as tx:
            return tx.scalar(sa.select(c.state).where(c.delivery_id == delivery_id(FileKind.REPORT, run)))

    def refused_lines(self) -> dict[str, str]:
        """Give the refused report lines: agreement number to reason."""
        with reading(self.engine) as tx:
            rows = tx.execute(sa.select(refused_line.c.agreement_number, refused_line.c.refusal))
            return {row.agreement_number: row.refusal for row in rows}

    def reconciled(self, run: RunKey) -> Reconciliation:
        """Give what became of a run's expectations."""
        with reading(self.engine) as tx:
            [found] = [
                each for each in reconcile(tx) if each.delivery_id == delivery_id(FileKind.INQUIRY, run)
            ]
        return found

    def alarms(self) -> list[Alarm]:
        """Give the open alarms."""
        with reading(self.engine) as tx:
            return open_alarms(tx)

    def file_states(self) -> list[str]:
        """Give the states of all files that came in, in their order."""
        with reading(self.engine) as tx:
            return list(tx.scalars(sa.select(incoming_file.c.state).order_by(incoming_file.c.id)))


@pytest.fixture
def make_debitor(make_database_url: Callable[[], str]) -> Iterator[Callable[..., DebitorTown]]:
    """Give a function that makes UDK Debitors, each with a fresh database."""
    made: list[DebitorTown] = []

    def make(**settings: Any) -> DebitorTown:
        made.append(DebitorTown(make_database_url(), **settings))
        return made[-1]

    yield make
    for each in made:
        each.engine.dispose()


@pytest.fixture
def debitor(make_debitor: Callable[..., DebitorTown]) -> DebitorTown:
    """Give UDK Debitor with a fresh database; the test runs on SQLite and on PostgreSQL."""
    return make_debitor()
