"""Whole øre: written and read the Danish way, and never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.denmark.ore import AmountError, format_kroner, format_ore, parse_kroner

ORE = st.integers(min_value=-(10**15), max_value=10**15)


@pytest.mark.parametrize(
    ("ore", "text"),
    [
        (0, "0,00"),
        (5, "0,05"),
        (-5, "-0,05"),
        (100, "1,00"),
        (99_999, "999,99"),
        (100_000, "1.000,00"),
        (123_456, "1.234,56"),
        (-123_456, "-1.234,56"),
        (123_456_789_012, "1.234.567.890,12"),
    ],
)
def test_ore_are_written_as_kroner_with_points_and_a_comma(ore: int, text: str) -> None:
    assert format_ore(ore) == text
    assert format_kroner(ore) == f"{text} kr."


@pytest.mark.parametrize(
    "text", ["1.234,56", "1234,56", "1 234,56", "1\u00a0234,56", "1\u202f234,56", "01234,56"]
)
def test_an_amount_is_read_in_each_way_that_has_one_meaning(text: str) -> None:
    assert parse_kroner(text) == 123_456


@pytest.mark.parametrize("text", ["-1.234,56", "\u22121.234,56"])
def test_an_amount_below_nothing_is_read_with_either_minus(text: str) -> None:
    assert parse_kroner(text) == -123_456


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        ",50",
        "1234",  # kroner or øre?
        "1.234",  # thousands or øre?
        "1,234",  # thousands the English way, or a third of an øre?
        "1234.56",  # the English way
        "1,234.56",
        "1.234.56",
        "1.23,45",
        "1.2345,00",
        "1234.567,00",
        ".234,56",
        "1.234 567,00",  # two marks
        "1..234,56",
        "12,5",
        "12,345",
        "12,-",
        "+12,00",
        "--12,00",
        " 12,00",
        "12,00 ",
        "12,00\n",
        "12,00 kr.",
        "1e3,00",
        "١٢,٠٠",
        "9" * 16 + ",00",
        "9" * 5000 + ",00",
    ],
)
def test_what_might_be_read_in_two_ways_or_none_is_refused(text: str) -> None:
    with pytest.raises(AmountError):
        parse_kroner(text)


def test_the_error_shows_how_it_was_written_and_no_figure() -> None:
    with pytest.raises(AmountError) as refused:
        parse_kroner("610190-1234")

    assert refused.value.where == "######-####"


@given(ORE)
def test_what_is_written_is_read_back_to_the_ore(ore: int) -> None:
    assert parse_kroner(format_ore(ore)) == ore


@given(ORE)
def test_the_way_of_parting_thousands_makes_no_difference(ore: int) -> None:
    text = format_ore(ore)

    assert parse_kroner(text.replace(".", "")) == ore
    assert parse_kroner(text.replace(".", " ")) == ore


@given(st.text(alphabet="0123456789.,- ", max_size=12))
def test_whatever_is_accepted_has_the_comma_before_its_last_two_digits(text: str) -> None:
    try:
        ore = parse_kroner(text)
    except AmountError:
        return
    digits = "".join(one for one in text if one.isdigit())
    assert text[-3] == ","
    assert abs(ore) == int(digits)
