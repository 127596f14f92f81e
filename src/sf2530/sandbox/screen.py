"""What a person sees while the demo runs: every municipality's way through its steps, live."""

from __future__ import annotations

import time
from typing import Protocol, Self

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sf2530.denmark.municipalities import municipality
from sf2530.language import _
from sf2530.language.numbers import tenths
from sf2530.sandbox.progress import ORDER, Progress, Step, heading, is_complete, reached

REDRAWS_PER_SECOND = 8
LINE_SECONDS = 1.0  # without a terminal: at most one line in this time
BAR_WIDTH = 60  # characters, at most
NAME_WIDTH = 17  # characters; the longest name, Ringkøbing-Skjern, has just as many


class Screen(Protocol):
    """Where the demo says what it is doing."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...

    def say(self, text: str) -> None:
        """Show one line of text."""

    def advance(self, done: int, *, of: int) -> None:
        """Show that `done` municipalities of so many are made up."""

    def show(self, progress: Progress, *, seconds: float) -> None:
        """Show how far every municipality is, `seconds` after the start."""


class LiveScreen:
    """A terminal: one table that changes in place."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=False)
        self._shown_at = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        """Print a line above whatever changes in place."""
        self._console.print(text, highlight=False)

    def advance(self, done: int, *, of: int) -> None:
        """Draw one bar, a few times a second at most."""
        if not self._is_due(always=done == of):
            return
        self._draw(Columns([ProgressBar(total=of, completed=done, width=BAR_WIDTH), f"{done}/{of}"]))

    def show(self, progress: Progress, *, seconds: float) -> None:
        """Draw the table anew, a few times a second at most, but always when everything is settled."""
        if self._is_due(always=is_complete(progress)):
            self._draw(drawing(progress, seconds=seconds, width=self._console.width))

    def _is_due(self, *, always: bool) -> bool:
        now = time.monotonic()
        if not always and now - self._shown_at < 1 / REDRAWS_PER_SECOND:
            return False
        self._shown_at = now
        return True

    def _draw(self, drawn: RenderableType) -> None:
        self._live.start()
        self._live.update(drawn, refresh=True)


class LineScreen:
    """No terminal (a pipe, a log, CI): a line when something has changed."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last: dict[Step, int] = {}
        self._printed_at = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, highlight=False, soft_wrap=True)

    def advance(self, done: int, *, of: int) -> None:
        """Print nothing: the line before has said what is going on."""

    def show(self, progress: Progress, *, seconds: float) -> None:
        """Print the counts if they have changed, once a second at most, but always when all is settled."""
        counts = reached(progress)
        now = time.monotonic()
        if counts == self._last or (not is_complete(progress) and now - self._printed_at < LINE_SECONDS):
            return
        self._last, self._printed_at = counts, now
        steps = "  ".join(f"{heading(step)} {counts[step]}" for step in ORDER)
        self._console.print(f"{tenths(seconds):>5} s  {steps}", highlight=False, soft_wrap=True)


def screen_for(console: Console) -> Screen:
    """Choose what fits where `console` writes to."""
    return LiveScreen(console) if console.is_terminal else LineScreen(console)


def drawing(progress: Progress, *, seconds: float, width: int) -> RenderableType:
    """Draw how many municipalities have reached each step, and below that each one's steps."""
    tiles = [_tile(code, step) for code, step in sorted(progress.items())]
    # The bars first: a window too low for all municipalities cuts off below.
    return Group(
        _bars(progress, seconds, width), Columns(tiles, width=NAME_WIDTH + len(ORDER) + 6, padding=(0, 1))
    )


def _tile(code: str, step: Step) -> Text:
    """One municipality: number, name, one mark a step. Filled or hollow, so that colour is not needed."""
    done = ORDER.index(step) + 1
    settled = step is Step.SETTLED
    text = Text(f"{code[1:]} {municipality(code).name:<{NAME_WIDTH}.{NAME_WIDTH}} ", no_wrap=True)
    text.append("●" * done, style="green" if settled else "yellow")
    text.append("○" * (len(ORDER) - done), style="dim")
    return text


def _bars(progress: Progress, seconds: float, width: int) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    table.add_column()
    table.add_column(justify="right")
    for step, count in reached(progress).items():
        bar = ProgressBar(total=len(progress), completed=count, width=max(10, min(BAR_WIDTH, width - 40)))
        table.add_row(heading(step), bar, _("%(count)s of %(all)s") % {"count": count, "all": len(progress)})
    table.add_row("", Text(f"{tenths(seconds)} s", style="dim"), "")
    return table
