"""CPR numbers: what is one, whose birthday it holds, and what may be shown of it.

Persons here are made up: 60 is added to their day of birth. Only where the rule is about numbers
without it do some stand here that look real; they are nobody's on purpose.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.dk import cpr as second_opinion

from sf2530.denmark.cpr import CprError, birth_date, century, is_test_number, mask, parse

BIRTHDAYS = st.dates(min_value=date(1937, 1, 1), max_value=date(2036, 12, 31))
"""The years in which digits 4 and 9 hold for both centuries, so that one digit fits every date."""


def made_up(born: date, tail: str = "4234") -> str:
    return f"{born.day + 60:02d}{born:%m%y}{tail}"


def test_a_cpr_number_is_kept_as_text_with_its_leading_zeros() -> None:
    assert parse("6101004234") == "6101004234"
    assert parse("0101000000") == "0101000000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "610190123",
        "61019012345",
        "610190-1234",
        "610190 1234",
        " 6101901234",
        "6101901234\n",
        "61o1901234",
        "+101901234",
        "61019012٣4",  # an Arabic-Indic three is a digit to Python, and none to us
        "6101９01234",
    ],
)
def test_anything_but_ten_ascii_digits_is_refused_and_shown_starred(text: str) -> None:
    with pytest.raises(CprError) as refused:
        parse(text)

    assert refused.value.where == "*" * len(text)
    assert text.strip() == "" or text.strip() not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "0001901234",  # day 0
        "3201901234",  # day 32
        "6001901234",  # day 60: 0 with 60 added
        "9201901234",  # day 32 with 60 added
        "6100901234",  # month 0
        "6113901234",  # month 13
        "9104901234",  # 31 April with 60 added
        "8902901234",  # 29 February 1990
        "8902001234",  # 29 February 1900, which was no leap year
    ],
)
def test_a_number_must_begin_with_a_real_date(text: str) -> None:
    with pytest.raises(CprError, match="does not begin with a date") as refused:
        parse(text)
    assert refused.value.where == f"{text[:6]}****"


def test_the_last_day_of_a_month_is_a_real_date() -> None:
    assert birth_date(parse("9004901234")) == date(1990, 4, 30)
    assert birth_date(parse("8902004234")) == date(2000, 2, 29)


def test_modulus_11_is_never_asked_for() -> None:
    with_it, without_it = "8101625002", "8101625003"
    assert (second_opinion.checksum(with_it), second_opinion.checksum(without_it)) == (0, 1)

    assert parse(with_it) == with_it
    assert parse(without_it) == without_it


def test_a_birth_date_in_the_future_is_no_matter_of_form() -> None:
    assert birth_date(parse("6101575234")) == date(2057, 1, 1)


@pytest.mark.parametrize(
    ("digit", "year", "born_in"),
    [
        ("0", "00", 1900), ("0", "99", 1999), ("3", "00", 1900), ("3", "99", 1999),
        ("4", "00", 2000), ("4", "36", 2036), ("4", "37", 1937), ("4", "99", 1999),
        ("5", "00", 2000), ("5", "57", 2057), ("5", "58", 1858), ("5", "99", 1899),
        ("8", "00", 2000), ("8", "57", 2057), ("8", "58", 1858), ("8", "99", 1899),
        ("9", "00", 2000), ("9", "36", 2036), ("9", "37", 1937), ("9", "99", 1999),
    ],
)  # fmt: skip
def test_digit_seven_tells_the_century(digit: str, year: str, born_in: int) -> None:
    assert birth_date(parse(f"0101{year}{digit}234")).year == born_in
    assert birth_date(parse(f"6101{year}{digit}234")).year == born_in


@pytest.mark.parametrize("digit", range(10))
def test_the_century_rule_agrees_with_python_stdnum_for_every_digit_and_year(digit: int) -> None:
    for year in range(100):
        theirs = second_opinion.get_birth_date(f"0101{year:02d}{digit}234")
        assert century(digit, year) + year == theirs.year


@given(BIRTHDAYS)
def test_a_made_up_number_gives_the_birthday_without_its_60(born: date) -> None:
    cpr = parse(made_up(born))

    assert is_test_number(cpr)
    assert birth_date(cpr) == born


@given(BIRTHDAYS)
def test_a_real_looking_number_is_no_test_number(born: date) -> None:
    cpr = parse(f"{born:%d%m%y}4234")

    assert not is_test_number(cpr)
    assert birth_date(cpr) == born


@given(BIRTHDAYS)
def test_where_test_numbers_are_not_allowed_they_are_refused(born: date) -> None:
    with pytest.raises(CprError, match="made-up person"):
        parse(made_up(born), test_numbers=False)

    assert parse(f"{born:%d%m%y}4234", test_numbers=False)


@given(st.text(alphabet="0123456789", min_size=10, max_size=10))
def test_a_number_is_accepted_exactly_if_its_first_six_digits_are_a_date(text: str) -> None:
    day = int(text[:2])
    first_of_year = date(century(int(text[6]), int(text[4:6])) + int(text[4:6]), 1, 1)
    days_of_year = (first_of_year + timedelta(days=n) for n in range(366))
    is_date = any(
        (one.day in {day, day - 60}) and one.month == int(text[2:4]) and one.year == first_of_year.year
        for one in days_of_year
    )

    try:
        accepted = bool(parse(text))
    except CprError:
        accepted = False

    assert accepted == is_date


def test_six_digits_of_a_number_are_shown_and_four_are_not() -> None:
    assert mask("6101901234") == "610190****"


@pytest.mark.parametrize("text", ["", "610190-1234", "61019012345", "Hansen", "61o1901234"])
def test_what_is_no_number_is_starred_whole(text: str) -> None:
    assert mask(text) == "*" * len(text)


@given(st.text(max_size=40))
def test_a_mask_never_shows_more_than_the_birth_date(text: str) -> None:
    shown = mask(text)

    assert len(shown) == len(text)
    assert set(shown[6:]) <= {"*"}
    assert set(shown) <= {"*"} or text.isdigit()


def test_no_error_text_holds_the_number() -> None:
    for text in ("3201901234", "610190-1234", "6101901234"):
        with pytest.raises(CprError) as refused:
            parse(text, test_numbers=False)
        assert text not in str(refused.value)
        assert "1234" not in str(refused.value)
