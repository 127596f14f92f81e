"""Delivery ids and file names follow from the run's key, and the key from them."""

from __future__ import annotations

from datetime import date

import pytest

from sf2530.debitor import naming
from sf2530.debitor.naming import RunKey, run_key
from sf2530.debitor.states import RunType
from sf2530.denmark.municipalities import MunicipalityCode

KEY = RunKey(
    municipality=MunicipalityCode("0101"),
    value_date=date(2026, 11, 30),
    run_type=RunType.MONTHLY,
    sequence=1,
)


def test_the_key_is_read_from_the_inquirys_id() -> None:
    assert run_key(naming.inquiry_id(KEY), "F") == KEY


@pytest.mark.parametrize(
    "delivery_id",
    [
        "",
        "F01012026113MD01",
        "T010120261130MD01",
        "F010120261131MD01",
        "F041120261130MD01",
        "F010120261130XX01",
        "F010120261130MD00",
        "F010120261130MD01 ",
        "F010１20261130MD01",
    ],
)
def test_an_id_of_another_form_names_no_run(delivery_id: str) -> None:
    assert run_key(delivery_id, "F") is None


def test_the_answer_is_named_after_the_run() -> None:
    assert naming.answer_id(KEY) == "S010120261130MD01"
    assert naming.answer_name(KEY) == "BASVAR_0101_20261130_MD01.txt"


def test_the_reject_of_an_inquiry_is_named_after_the_run() -> None:
    assert naming.reject_id("BAFORESP_0101_20261130_MD01.txt", KEY) == "A010120261130MD01"
    assert naming.reject_name("BAFORESP_0101_20261130_MD01.txt", KEY) == "BAAFVIS_0101_20261130_MD01.txt"


def test_the_reject_of_a_report_never_has_the_name_of_an_inquirys_reject() -> None:
    name = "KHTILBAG_0101_20261130_MD01.txt"

    assert naming.reject_id(name, KEY) == "AT010120261130MD01"
    assert naming.reject_name(name, KEY) == "BAAFVIS_KHTILBAG_0101_20261130_MD01.txt"


def test_the_reject_of_a_file_of_no_known_run_is_named_after_the_file() -> None:
    assert naming.reject_name("BAFORESP_0101_x.txt", None) == "BAAFVIS_BAFORESP_0101_x.txt"
    delivery_id = naming.reject_id("BAFORESP_0101_x.txt", None)
    assert delivery_id == naming.reject_id("BAFORESP_0101_x.txt", None)
    assert len(delivery_id) == 20


def test_a_files_name_may_tell_the_municipality() -> None:
    assert naming.municipality_named("BAFORESP_0101_x.txt") == "0101"
    assert naming.municipality_named("BAFORESP_0411_x.txt") is None
    assert naming.municipality_named("x.txt") is None
