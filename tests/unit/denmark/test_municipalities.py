"""The 98 municipalities, and what is none."""

from __future__ import annotations

from collections import Counter

import pytest

from sf2530.denmark.municipalities import UnknownMunicipality, all_municipalities, municipality


def test_there_are_98_each_with_a_four_digit_code_of_its_own_in_order() -> None:
    codes = [one.code for one in all_municipalities()]

    assert len(codes) == 98
    assert codes == sorted(set(codes))
    assert all(len(code) == 4 and code.isascii() and code.isdigit() for code in codes)
    assert (codes[0], codes[-1]) == ("0101", "0860")


def test_the_names_are_whole_and_each_is_used_once() -> None:
    names = [one.name for one in all_municipalities()]

    assert len(set(names)) == 98
    assert all(name and name == name.strip() for name in names)
    assert {"København", "Ærø", "Læsø", "Aarhus", "Høje-Taastrup"} <= set(names)


def test_the_regions_hold_as_many_as_they_should() -> None:
    assert Counter(one.region for one in all_municipalities()) == {
        "Region Hovedstaden": 29,
        "Region Sjælland": 17,
        "Region Syddanmark": 22,
        "Region Midtjylland": 19,
        "Region Nordjylland": 11,
    }


def test_a_code_may_be_given_as_in_files_or_as_in_speech() -> None:
    assert municipality("0101") is municipality("101")
    assert municipality("101").name == "København"
    assert municipality("860").code == "0860"


@pytest.mark.parametrize("code", ["0411", "411"])
def test_christianso_is_no_municipality_and_it_is_said_why(code: str) -> None:
    with pytest.raises(UnknownMunicipality, match="run by the state"):
        municipality(code)


@pytest.mark.parametrize(
    "code",
    ["", "0", "1", "01", "0000", "0100", "0999", "9999", "00101", " 101", "101 ", "O101", "-101", "۱۰۱"],
)
def test_any_other_code_is_unknown(code: str) -> None:
    with pytest.raises(UnknownMunicipality) as refused:
        municipality(code)
    assert refused.value.code == "municipality-unknown"


def test_a_cpr_number_in_the_place_of_a_code_is_not_repeated_in_the_error() -> None:
    with pytest.raises(UnknownMunicipality) as refused:
        municipality("6101901234")
    assert "1234" not in str(refused.value)
