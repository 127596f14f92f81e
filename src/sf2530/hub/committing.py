"""One thread writes. Work that arrives while a commit is under way goes into the next one together.

A durable commit costs a wait for the disk, whatever is in it; so under load many triggers share one.
Each piece of work has its own savepoint: one that fails takes nothing else with it.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

import sqlalchemy as sa
import structlog

from sf2530.database.errors import DatabaseUnreachable
from sf2530.errors import Sf2530Error, UnreachableError
from sf2530.hub import ledger
from sf2530.language import _

Result = TypeVar("Result")
Verb = Callable[[sa.Connection], Result]

_LARGEST_BATCH: Final = 256
_log = structlog.get_logger()


class HubStopping(UnreachableError):
    """The hub is being stopped and takes no more work."""

    code = "hub-stopping"


class _Work:
    """A verb on its way to a commit, and the promise of its result."""

    __slots__ = ("error", "promise", "result", "verb")

    def __init__(self, verb: Verb[Any]) -> None:
        self.verb = verb
        self.promise: Future[Any] = Future()
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self, lost: BaseException | None = None) -> None:
        """Keep the promise, after the commit; `lost` is what prevented it."""
        if (error := lost or self.error) is not None:
            self.promise.set_exception(error)
        else:
            self.promise.set_result(self.result)


class Committer:
    """The hub's one writer. Start it once; whatever was handed in before `stop` is still done."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="hub-committer", daemon=True)
        self._stopping = False

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    async def stop(self) -> None:
        """Finish what was handed in, then end."""
        self._stopping = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    async def commit(self, verb: Verb[Result]) -> Result:
        """Run `verb` in a transaction and return its result once that has been committed.

        Raises what the verb raises, with nothing of it written, and DatabaseUnreachable if the
        transaction failed; whether it was committed is then unknown, so verbs bear repetition.
        A caller that is cancelled while waiting does not stop the work.
        """
        result: Result = await asyncio.shield(asyncio.wrap_future(self._hand_in(verb)))
        return result

    def post(self, verb: Verb[None], what: str) -> None:
        """Have `verb` committed some time soon; a failure is logged as `what`, nobody waits."""
        self._hand_in(verb).add_done_callback(lambda done: _log_failure(done, what))

    def _hand_in(self, verb: Verb[Any]) -> Future[Any]:
        if self._stopping:
            raise HubStopping(_("The hub is being stopped."), remedy=_("Connect again in a moment."))
        work = _Work(verb)
        self._queue.put(work)
        return work.promise

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, last = self._with_those_waiting(first)
            self._commit_together(batch)
            if last:
                return

    def _with_those_waiting(self, first: _Work) -> tuple[list[_Work], bool]:
        batch = [first]
        while len(batch) < _LARGEST_BATCH:
            try:
                work = self._queue.get_nowait()
            except queue.Empty:
                break
            if work is None:
                return batch, True
            batch.append(work)
        return batch, False

    def _commit_together(self, batch: list[_Work]) -> None:
        lost: BaseException | None = None
        alone = len(batch) == 1  # and the transaction itself is its savepoint
        try:
            with self._engine.begin() as tx:
                ledger.lock(tx)
                for work in batch:
                    _do(tx, work, savepoint=not alone)
        except Exception as error:  # noqa: BLE001  handed to everyone who waits; the thread must live on
            lost = error
        for work in batch:
            work.settle(lost)


def _do(tx: sa.Connection, work: _Work, *, savepoint: bool) -> None:
    if not savepoint:
        work.result = work.verb(tx)
        return
    try:
        with tx.begin_nested():
            work.result = work.verb(tx)
    except DatabaseUnreachable:
        raise  # it is gone for all of them; the archive's disk may have failed this one alone
    except Exception as error:  # noqa: BLE001  handed to the one who waits for it
        work.error = error


def _log_failure(done: Future[Any], what: str) -> None:
    if (error := done.exception()) is None:
        return
    code = error.code if isinstance(error, Sf2530Error) else type(error).__name__
    _log.warning(what, error=code)
