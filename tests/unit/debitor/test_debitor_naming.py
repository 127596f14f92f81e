"""Reject answers are named after the run where it is known, else after the refused file."""

from __future__ import annotations

from datetime import date

from sf2530.debitor.naming import municipality_named, reject_id, reject_name
from sf2530.denmark.municipalities import MunicipalityCode
from sf2530.records.layout import FileKind
from sf2530.records.naming import RunKey

KEY = RunKey(municipality=MunicipalityCode("0101"), value_date=date(2026, 11, 30))
INQUIRY = "BAFORESP_0101_20261130_MD01.txt"
REPORT = "KHTILBAG_0101_20261130_MD01.txt"


def test_the_reject_of_an_inquiry_is_named_after_the_run() -> None:
    assert reject_id(INQUIRY, FileKind.INQUIRY, KEY) == "A010120261130MD01"
    assert reject_name(INQUIRY, FileKind.INQUIRY, KEY) == "BAAFVIS_0101_20261130_MD01.txt"


def test_the_reject_of_a_report_never_has_the_name_of_an_inquirys_reject() -> None:
    assert reject_id(REPORT, FileKind.REPORT, KEY) == "AT010120261130MD01"
    assert reject_name(REPORT, FileKind.REPORT, KEY) == "BAAFVIS_KHTILBAG_0101_20261130_MD01.txt"


def test_the_reject_of_a_file_of_no_certain_run_is_named_after_the_file() -> None:
    delivery_id = reject_id("BAFORESP_0101_x.txt", FileKind.INQUIRY, None)

    assert reject_name("BAFORESP_0101_x.txt", FileKind.INQUIRY, None) == "BAAFVIS_BAFORESP_0101_x.txt"
    assert delivery_id == reject_id("BAFORESP_0101_x.txt", FileKind.INQUIRY, None)
    assert len(delivery_id) == 20


def test_a_files_name_may_tell_the_municipality() -> None:
    assert municipality_named("BAFORESP_0101_x.txt") == "0101"
    assert municipality_named("BAFORESP_0411_x.txt") is None
    assert municipality_named("x.txt") is None
