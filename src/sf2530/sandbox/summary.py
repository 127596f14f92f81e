"""What the demo came to: the figures as a table for people and as JSON for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.table import Table

from sf2530.denmark.ore import format_kroner
from sf2530.language import _
from sf2530.language.numbers import number, tenths
from sf2530.sandbox.balancing import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """How long it took: from the start to the first inquiry, and from there to the last settlement."""

    setup: float
    cycle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The national exchange in figures; amounts in whole øre."""

    municipalities: int
    inquiries: int
    answers: int
    agreements: int
    expectations: int
    withholdings: int
    expected_ore: int
    withheld_ore: int
    full: int
    partly: int
    zero: int
    reports: int
    open: int
    transfers: int
    receipts: int
    seconds: Seconds

    @property
    def settled(self) -> int:
        """Expectations that a withholding has closed: in full, in part, or with zero and a reason."""
        return self.full + self.partly + self.zero

    def as_json(self) -> dict[str, Any]:
        """Give the figures as `sf2530 demo --json` prints them."""
        names = (
            "municipalities",
            "inquiries",
            "answers",
            "agreements",
            "expectations",
            "withholdings",
            "withheld_ore",
            "reports",
            "settled",
            "open",
            "transfers",
            "receipts",
        )
        seconds = {"setup": round(self.seconds.setup, 3), "cycle": round(self.seconds.cycle, 3)}
        return {name: getattr(self, name) for name in names} | {"seconds": seconds}


def summarise(books: Books, seconds: Seconds) -> Summary:
    """Add the municipalities' books up."""
    ky, debitor = list(books.ky.values()), list(books.debitor.values())
    return Summary(
        municipalities=len(books.expected),
        inquiries=books.inquiries,
        answers=sum(one.run.answered_at is not None for one in ky),
        agreements=sum(one.answered.count for one in ky),
        expectations=sum(one.expected for one in debitor),
        withholdings=sum(one.withheld.count for one in ky),
        expected_ore=sum(one.expected_ore for one in debitor),
        withheld_ore=sum(one.withheld.ore for one in ky),
        full=sum(one.settled for one in debitor),
        partly=sum(one.partly for one in debitor),
        zero=sum(one.zero for one in debitor),
        reports=sum(one.reports for one in debitor),
        open=sum(one.missing + one.refused for one in debitor),
        transfers=books.transfers,
        receipts=books.receipts,
        seconds=seconds,
    )


def drawn(summary: Summary) -> Table:
    """Draw the figures as one table: what, how many, how much."""
    table = Table(title=_("One national exchange"), title_justify="left")
    table.add_column("")
    table.add_column(_("Number"), justify="right")
    table.add_column(_("Amount"), justify="right")
    for label, count, ore in _lines(summary):
        amount = "" if ore is None else format_kroner(ore)
        table.add_row(label, number(count), amount)
    return table


def closing_words(summary: Summary) -> str:
    """Say that all is well, and how long it took."""
    return _("Everything agrees to the øre. Setup %(setup)s s, exchange %(cycle)s s.") % {
        "setup": tenths(summary.seconds.setup),
        "cycle": tenths(summary.seconds.cycle),
    }


def _lines(summary: Summary) -> list[tuple[str, int, int | None]]:
    return [
        (_("Municipalities"), summary.municipalities, None),
        (_("Inquiries answered"), summary.inquiries, None),
        (_("Answers received"), summary.answers, None),
        (_("Agreements in the answers"), summary.agreements, None),
        (_("Payments expected"), summary.expectations, summary.expected_ore),
        (_("Withholdings"), summary.withholdings, summary.withheld_ore),
        (_("Reports (SF2520)"), summary.reports, None),
        (_("Settled"), summary.settled, summary.withheld_ore),
        (_("… in full"), summary.full, None),
        (_("… in part"), summary.partly, None),
        (_("… with zero and a reason"), summary.zero, None),
        (_("Still open"), summary.open, None),
        (_("Files carried by the hub"), summary.transfers, None),
        (_("Technical receipts"), summary.receipts, None),
    ]
