"""Reject answers are named after the run where it is known, else after the refused file."""

from __future__ import annotations

import re
from datetime import date

from sf2530.debitor.naming import Reject, municipality_named, reject_of_file, reject_of_run
from sf2530.denmark.municipalities import MunicipalityCode
from sf2530.exchange.file_names import check_data_file_name
from sf2530.records.layout import FileKind
from sf2530.records.naming import RunKey

KEY = RunKey(municipality=MunicipalityCode("0101"), value_date=date(2026, 11, 30))


def test_the_reject_of_an_inquiry_is_named_after_the_run() -> None:
    assert reject_of_run(FileKind.INQUIRY, KEY) == ("BAAFVIS_0101_20261130_MD01.txt", "A010120261130MD01")


def test_the_reject_of_a_report_never_has_the_name_of_an_inquirys_reject() -> None:
    assert reject_of_run(FileKind.REPORT, KEY) == (
        "BAAFVIS_KHTILBAG_0101_20261130_MD01.txt",
        "AT010120261130MD01",
    )


def test_the_reject_of_a_file_of_no_certain_run_is_named_after_the_whole_file() -> None:
    reject = named("BAFORESP_0101_x.txt")

    assert re.fullmatch(r"BAAFVIS_BAFORESP_0101_x\.txt_[0-9A-F]{12}\.txt", reject.file_name)
    assert reject == named("BAFORESP_0101_x.txt")
    assert len(reject.delivery_id) == 20


def test_no_two_refused_files_share_a_reject() -> None:
    rejects = [
        named("X.txt"),
        named("X.csv"),
        named("X.txt", sha256="1" * 64),
        named("X.txt", sender="STRANGER"),
    ]

    assert len({reject.file_name for reject in rejects}) == len(rejects)
    assert len({reject.delivery_id for reject in rejects}) == len(rejects)


def test_the_longest_name_still_has_a_reject_that_can_be_sent() -> None:
    check_data_file_name(named("å" * 121).file_name)


def named(refused: str, *, sender: str = "KY", sha256: str = "0" * 64) -> Reject:
    return reject_of_file(refused, sender=sender, sha256=sha256)


def test_a_files_name_may_tell_the_municipality() -> None:
    assert municipality_named("BAFORESP_0101_x.txt") == "0101"
    assert municipality_named("BAFORESP_0411_x.txt") is None
    assert municipality_named("x.txt") is None
