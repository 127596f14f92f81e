"""Run `sf2530` as a person does, and make the files to run it on: byte by byte, without our own writer."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from sf2530.cli.main import run


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def sf2530(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Outcome]]:
    def command(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["sf2530", *map(str, words)])
        try:
            run()
        except SystemExit as end:
            status = end.code
        else:
            status = 0
        printed = capsys.readouterr()
        return Outcome(int(status or 0), printed.out, printed.err)

    before = os.umask(0o022)
    os.umask(before)  # asking is setting
    yield command
    # a command sets up its process, and this one goes on
    os.umask(before)
    structlog.reset_defaults()


AGREEMENTS = [
    ("6101901234", "000000000123", 123_456),
    ("6101901234", "000000000124", 5_000),
    ("6202852345", "000000000007", 78_900),
]


def answer_lines(agreements: Sequence[tuple[str, str, int]] = AGREEMENTS) -> list[str]:
    """Spell out an answer of municipality 0101, one agreement (PNR, AFTALENR, øre) a record."""
    start = (
        f"00001010000001{'BASVAR':8}010020261120083000{'S010120261130MD01':20}{'F010120261130MD01':20}"
        f"{'UDKDEB':8}{'KY':8}20261130{'':24}"
    )
    records = [
        f"0200101{line:07d}{pnr}{number}0101+{ore:011d}2020010100000000202611300{'1'}{'KRAV' + number:20}"
        f"AJ20261130{'':20}"
        for line, (pnr, number, ore) in enumerate(agreements, start=2)
    ]
    total = sum(ore for _pnr, _number, ore in agreements)
    identifiers = sum(int(pnr) for pnr, _number, _ore in agreements) % 10**15
    end = (
        f"9990101{len(records) + 2:07d}{len(records):08d}+{total:015d}+{0:015d}{'S010120261130MD01':20}"
        f"{identifiers:015d}{'':39}"
    )
    return [start, *records, end]


@pytest.fixture
def answer_file(tmp_path: Path) -> Callable[..., Path]:
    """Write lines, those of a correct answer unless others are given, as a file with CR LF."""

    def write(lines: Sequence[str] | None = None, name: str = "answer.txt") -> Path:
        file = tmp_path / name
        text = "".join(f"{line}\r\n" for line in (answer_lines() if lines is None else lines))
        file.write_bytes(text.encode("latin-1"))
        return file

    return write


@pytest.fixture
def answer() -> Callable[..., list[str]]:
    return answer_lines
