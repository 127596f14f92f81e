"""Files to read and to spoil: one small correct file of every kind, and how to change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from sf2530.records.findings import Finding, Report
from sf2530.records.layout import FileKind, Layout
from sf2530.records.layout_files import layout
from sf2530.records.reading import Expected, decode
from sf2530.records.writing import encode

START: Mapping[str, Any] = {
    "KOMMUNENR": "0101",
    "PRODDATO": date(2026, 11, 25),
    "PRODTID": "101500",
    "LEVERANCEID": "S010120261130MD01",
    "REF_LEVERANCEID": "F010120261130MD01",
    "AFSENDER": "UDKDEB",
    "MODTAGER": "KY",
    "DISPOSITIONSDATO": date(2026, 11, 30),
}


def inquiry(_number: int) -> dict[str, Any]:
    return {
        "FORESPID": "S010120261130MD01",
        "KOERSELSDATO": date(2026, 11, 25),
        "DISPOSITIONSDATO": date(2026, 11, 30),
        "PERIODE_FRA": date(2026, 11, 1),
        "PERIODE_TIL": date(2026, 11, 30),
        "KOERSELSTYPE": "MD",
    }


def agreement(number: int) -> dict[str, Any]:
    return {
        "PNR": f"610190{1000 + number:04d}",
        "AFTALENR": f"{number + 1:012d}",
        "AFTALETYPE": "01",
        "PRIORITET": 1,
        "MDRBELOEB": 160_300 + number,
        "GYLDIG_FRA": date(2020, 2, 29),
        "GYLDIG_TIL": None,
        "FORFALDSDATO": date(2026, 12, 1),
        "ANTAL_BIDRAG": 1,
        "KRAVREF": f"KRAV-{number}",
        "AFTALESTATUS": "A",
        "FORVENTET_MRK": "J",
        "FORVENTET_DATO": date(2026, 11, 30),
    }


def withheld(number: int) -> dict[str, Any]:
    return {
        "PNR": f"610190{1000 + number:04d}",
        "AFTALENR": f"{number + 1:012d}",
        "AFTALT_BELOEB": 160_300 + number,
        "TILBAGEHOLDT_BELOEB": -5 if number % 3 == 2 else 160_300,
        "DISPOSITIONSDATO": date(2026, 11, 30),
        "PERIODE_FRA": date(2026, 11, 1),
        "PERIODE_TIL": date(2026, 11, 30),
        "YDELSESKODE": "KTH",
        "AARSAGSKODE": "90" if number % 3 == 2 else "00",
        "BETALINGSREF": "",
    }


def error(number: int) -> dict[str, Any]:
    return {
        "FEJLKODE": "FIELD-NOT-DIGITS",
        "FEJL_LINJE": number,
        "FEJL_FRA": 15,
        "FEJL_TIL": 24,
        "FEJL_FELT": "PNR",
        "FEJL_ANTAL": 1,
        "FEJL_TEKST": "FELT ER IKKE CIFRE",
    }


RECORDS: Mapping[FileKind, tuple[str, Callable[[int], dict[str, Any]]]] = {
    FileKind.INQUIRY: ("010", inquiry),
    FileKind.ANSWER: ("020", agreement),
    FileKind.REJECT: ("910", error),
    FileKind.REPORT: ("030", withheld),
}


@dataclass(frozen=True)
class Sample:
    """A file in the making: its lines without line ends, and the layout they are in."""

    layout: Layout
    lines: tuple[bytes, ...]
    line_end: bytes = b"\r\n"

    @property
    def content(self) -> bytes:
        return b"".join(line + self.line_end for line in self.lines)

    def with_line(self, number: int, line: bytes) -> Sample:
        return replace(self, lines=(*self.lines[: number - 1], line, *self.lines[number:]))

    def without_line(self, number: int) -> Sample:
        return replace(self, lines=(*self.lines[: number - 1], *self.lines[number:]))

    def with_field(self, number: int, name: str, raw: bytes) -> Sample:
        """Put other bytes into a field of one line."""
        line = self.lines[number - 1]
        record = self.layout.by_marker()[line[:3]]
        field = record.field(name)
        assert len(raw) == field.length
        return self.with_line(number, line[: field.first - 1] + raw + line[field.last :])

    def report(self, expected: Expected | None = None) -> Report:
        return decode(self.content, self.layout, name="file.txt", expected=expected).report

    def finding(self, expected: Expected | None = None) -> Finding:
        """Read the file, which must give exactly one finding."""
        findings = self.report(expected).findings
        assert [str(one) for one in findings] == [str(findings[0])]
        return findings[0]


MakeSample = Callable[..., Sample]


def make_sample(kind: FileKind, *, count: int = 1, profile: str = "standard") -> Sample:
    chosen = layout(kind, profile)
    code, record = RECORDS[kind]
    start = (
        START
        if kind is not FileKind.INQUIRY
        else {key: value for key, value in START.items() if key[:3] != "REF"}
    )
    content = encode(chosen, start=start, rows={code: [record(number) for number in range(count)]})
    return Sample(chosen, tuple(content.split(b"\r\n")[:-1]))


@pytest.fixture(scope="session")
def sample() -> MakeSample:
    return make_sample


@pytest.fixture
def answer() -> Sample:
    """Give an answer with three agreements: lines 2 to 4."""
    return make_sample(FileKind.ANSWER, count=3)
