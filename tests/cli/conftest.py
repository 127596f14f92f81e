"""Run `sf2530` as a person does: words go in, what is printed and the exit status come out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from sf2530.cli.main import run


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Sf2530 = Callable[..., Outcome]


@pytest.fixture
def sf2530(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Sf2530:
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

    return command
