"""Every check stands in the reference, and has a short text that fits a reject answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from sf2530.records.checks import Code, catalogue
from sf2530.records.layout import FieldType, FileKind
from sf2530.records.layout_files import layout

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "checks.md"


def test_the_reference_lists_every_check_with_its_severity_and_rule() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]

    assert rows == [f"| `{code}` | {check.severity} | {check.rule} |" for code, check in catalogue().items()]


@pytest.mark.parametrize("code", list(Code))
def test_code_and_short_text_fit_a_reject_answer(code: Code) -> None:
    record = layout(FileKind.REJECT).record("910")
    short = catalogue()[code].short

    assert len(code) <= record.field("FEJLKODE").length
    assert len(short) <= record.field("FEJL_TEKST").length
    assert short == short.upper()
    assert short.isascii()


def test_the_longest_field_name_fits_a_reject_answer() -> None:
    length = layout(FileKind.REJECT).record("910").field("FEJL_FELT").length
    names = [
        field.shown_name
        for kind in FileKind
        for record in layout(kind).records
        for field in record.fields
        if field.type is not FieldType.FILLER
    ]

    assert max(map(len, names)) <= length
