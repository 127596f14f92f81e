from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.denmark.municipalities import MunicipalityCode, all_municipalities
from sf2530.ky import naming
from sf2530.ky.naming import RunKey, RunType

KEY = RunKey(municipality=MunicipalityCode("0101"), value_date=date(2026, 11, 30))

run_keys = st.builds(
    RunKey,
    municipality=st.sampled_from([one.code for one in all_municipalities()]),
    value_date=st.dates(date(2020, 1, 1), date(2060, 12, 31)),
    run_type=st.sampled_from(RunType),
    sequence=st.integers(1, 99),
)


def test_ids_and_names_follow_from_the_key_alone() -> None:
    assert naming.inquiry_id(KEY) == "F010120261130MD01"
    assert naming.report_id(KEY) == "T010120261130MD01"
    assert naming.inquiry_name(KEY) == "BAFORESP_0101_20261130_MD01.txt"
    assert naming.report_name(KEY) == "KHTILBAG_0101_20261130_MD01.txt"


@given(run_keys)
def test_the_key_is_read_back_out_of_every_id_and_name(key: RunKey) -> None:
    assert naming.key_in_delivery_id(naming.inquiry_id(key)) == key
    assert naming.key_in_delivery_id(naming.report_id(key)) == key
    assert naming.key_in_file_name(naming.report_name(key)) == key


@pytest.mark.parametrize(
    "text", [None, "", "F", "F010120261131MD01", "F010120261130XX01", "F0101２0261130MD01"]
)
def test_an_id_of_another_form_names_no_run(text: str | None) -> None:
    assert naming.key_in_delivery_id(text) is None


@pytest.mark.parametrize(
    "name", ["BASVAR.txt", "BASVAR_0101_20261331_MD01.txt", "BASVAR_0101_20261130_MD01.xml"]
)
def test_a_file_of_another_name_names_no_run(name: str) -> None:
    assert naming.key_in_file_name(name) is None
