"""What is wrong in a file, as values: findings with their place, and the report they add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from sf2530.language import _

FINDINGS_KEPT = 1_000
"""So many findings of each severity a report keeps; all are counted.

A file of garbage must not fill the memory."""


class Severity(StrEnum):
    """Whether a finding refuses the file."""

    ERROR = "error"
    REMARK = "remark"


class Verdict(StrEnum):
    """What became of a file."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_REMARKS = "accepted-with-remarks"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something is wrong. Lines and bytes count from 1; bytes count within the line."""

    file: str
    line: int | None = None
    first_byte: int | None = None
    last_byte: int | None = None
    record: str | None = None
    field: str | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.line is not None:
            parts.append(_("line %(line)d") % {"line": self.line})
        if self.record is not None:
            parts.append(_("record %(record)s") % {"record": self.record})
        if self.first_byte is not None:
            parts.append(_("bytes %(first)d-%(last)d") % {"first": self.first_byte, "last": self.last_byte})
        if self.field is not None:
            parts.append(self.field)
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong: what, where, the masked value, the rule, and what to do.

    `code` is stable and stands in the reference (`checks.md`). `shown` is masked already: no
    finding ever carries a raw value.
    """

    code: str
    severity: Severity
    what: str
    where: Place
    shown: str = ""
    rule: str
    remedy: str

    def __str__(self) -> str:
        shown = f" [{self.shown}]" if self.shown else ""
        return f"{self.where}: {self.what}{shown}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check found. `findings` holds the first ones, in the order found; `counts` all, by code.

    Errors and remarks are kept each for themselves: however many remarks come first, a report that is
    rejected holds an error.

    `records` counts the data records that could be read. Municipality, ids and date are those of the
    file, None where it does not say; they are no personal data.
    """

    name: str
    layout_id: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    findings_total: int
    counts: Mapping[str, int]
    records: int
    lines: int
    municipality: str | None = None
    delivery_id: str | None = None
    reference: str | None = None
    value_date: date | None = None

    @property
    def accepted(self) -> bool:
        """Whether the file may be used, with or without remarks."""
        return self.verdict is not Verdict.REJECTED

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that refuse the file; at least one if it is rejected."""
        return tuple(one for one in self.findings if one.severity is Severity.ERROR)


@dataclass(slots=True)
class FindingLog:
    """Collects the findings of one file: keeps the first of each severity, counts all."""

    kept: list[Finding] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _severities: Counter[Severity] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Take one more finding."""
        if self._severities[finding.severity] < FINDINGS_KEPT:
            self.kept.append(finding)
        self._counts[finding.code] += 1
        self._severities[finding.severity] += 1

    @property
    def total(self) -> int:
        """How many there are, kept or not."""
        return self._counts.total()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many there are, by code."""
        return MappingProxyType(dict(self._counts))

    @property
    def verdict(self) -> Verdict:
        """What the findings so far amount to."""
        if self._severities[Severity.ERROR]:
            return Verdict.REJECTED
        return Verdict.ACCEPTED_WITH_REMARKS if self.total else Verdict.ACCEPTED
