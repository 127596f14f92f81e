"""Run a service until it is told to stop: by a signal, or by the end of its standard input."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

_log = structlog.get_logger()
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_READ_BYTES: Final = 4096
_ALLOCATIONS_BEFORE_COLLECTING: Final = 50_000


def run_until_stopped(
    serve: Callable[[asyncio.Event], Awaitable[None]], *, until_stdin_closes: bool = False
) -> None:
    """Run `serve(stop)` and set `stop` on SIGTERM or SIGINT; returns when it has finished what is under way.

    A second signal does what it does to any process: ends it at once, which loses nothing. With
    `until_stdin_closes` the end of standard input stops it as well: a service started through a pipe then
    never outlives whoever started it, even if that one was killed.
    """
    _collect_garbage_less_often()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(serve, until_stdin_closes=until_stdin_closes))


async def _serve(serve: Callable[[asyncio.Event], Awaitable[None]], *, until_stdin_closes: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop_for(reason: str) -> None:
        if not stop.is_set():
            _log.info("stopping", reason=reason)
        stop.set()
        for each in _SIGNALS:
            loop.remove_signal_handler(each)

    for each in _SIGNALS:
        loop.add_signal_handler(each, stop_for, each.name)
    if until_stdin_closes:
        watch = threading.Thread(target=_watch_stdin, args=(loop, stop_for), name="stdin", daemon=True)
        watch.start()
    await serve(stop)
    _log.info("stopped")


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop_for: Callable[[str], None]) -> None:
    """Read standard input to its end, then stop. In a thread, since not every input can be awaited."""
    try:
        while os.read(sys.stdin.fileno(), _READ_BYTES):
            continue
    except (OSError, ValueError):  # closed from the start is closed too
        pass
    try:
        loop.call_soon_threadsafe(stop_for, "standard input closed")
    except RuntimeError:  # the service has ended by itself
        return


def _collect_garbage_less_often() -> None:
    """Leave what the program itself is made of alone, and look at the rest after more allocations.

    By itself Python goes over all the modules' objects again and again: about a tenth of a service's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BEFORE_COLLECTING)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Use uvloop, which carries SFTP about twice as fast, where it exists."""
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415  has no build for Windows

    return uvloop.new_event_loop
