"""Several workers, one of them always slow, in any order: nothing is ever done twice or lost."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sf2530.database import leases
from sf2530.database.engines import open_engine, reading
from sf2530.database.leases import Lease, LeaseLost, RetryPolicy
from sf2530.database.types import RowId

metadata = sa.MetaData()
job = sa.Table("job", metadata, sa.Column("id", RowId, primary_key=True), *leases.lease_columns())
effect = sa.Table("effect", metadata, sa.Column("job", sa.Integer, nullable=False))

WORKERS = st.sampled_from(["a", "b", "c"])
RETRY = RetryPolicy(attempts=3, first_seconds=10, longest_seconds=40)


class Workers(RuleBasedStateMachine):
    """Workers remember leases for ever, as a paused process would, and use them at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.engine = open_engine(f"sqlite:///{Path(self.folder.name) / 'a.db'}")
        metadata.create_all(self.engine)
        self.now = datetime(2026, 1, 30, 12, tzinfo=UTC)
        self.jobs = 0
        self.remembered: list[tuple[Lease, datetime]] = []

    @rule(count=st.integers(1, 3))
    def work_arrives(self, count: int) -> None:
        with self.engine.begin() as tx:
            tx.execute(sa.insert(job), [{"state": "waiting"}] * count)
        self.jobs += count

    @rule(seconds=st.integers(1, 70))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(owner=WORKERS, limit=st.integers(1, 3))
    def takes(self, owner: str, limit: int) -> None:
        with self.engine.begin() as tx:
            taken = leases.take(
                tx, job, states=["waiting"], owner=owner, now=self.now, seconds=60, limit=limit
            )
        live = {lease.id for lease, until in self.remembered if until > self.now}
        assert not live & {lease.id for lease in taken}
        self.remembered += [(lease, self.now + timedelta(seconds=60)) for lease in taken]

    @rule(which=st.integers(0, 50), behind=st.integers(0, 120))
    def finishes_by_a_slow_clock(self, which: int, behind: int) -> None:
        if not self.remembered:
            return
        lease, _until = self.remembered[which % len(self.remembered)]
        try:
            with self.engine.begin() as tx:
                tx.execute(sa.insert(effect), {"job": lease.id})
                leases.move(tx, job, lease, to="done", now=self.now - timedelta(seconds=behind))
        except LeaseLost:
            return
        self._is_over(lease)

    @rule(which=st.integers(0, 50))
    def fails(self, which: int) -> None:
        if not self.remembered:
            return
        lease, _until = self.remembered[which % len(self.remembered)]
        try:
            with self.engine.begin() as tx:
                leases.give_back(
                    tx, job, lease, error="no", now=self.now, retry=RETRY, quarantine_state="quarantined"
                )
        except LeaseLost:
            return
        self._is_over(lease)

    @rule()
    def exhausted_work_is_set_aside(self) -> None:
        with self.engine.begin() as tx:
            leases.quarantine(
                tx, job, states=["waiting"], now=self.now, retry=RETRY, quarantine_state="quarantined"
            )

    @invariant()
    def every_job_is_there_and_done_at_most_once(self) -> None:
        with reading(self.engine) as tx:
            states = {row.id: row.state for row in tx.execute(sa.select(job.c.id, job.c.state))}
            effects = tx.execute(sa.select(effect.c.job)).scalars().all()
        assert len(states) == self.jobs
        assert sorted(effects) == sorted(number for number, state in states.items() if state == "done")

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    def _is_over(self, lease: Lease) -> None:
        self.remembered = [(other, self.now if other == lease else until) for other, until in self.remembered]


TestWorkers = Workers.TestCase
TestWorkers.settings = settings(stateful_step_count=25)
