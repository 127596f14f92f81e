"""Sharing a number between municipalities by their size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sf2530.denmark.municipalities import all_municipalities, municipality
from sf2530.sandbox.sharing import share

TOTALS = st.integers(min_value=0, max_value=3_000_000)


@given(TOTALS, st.integers(min_value=1, max_value=98))
def test_the_parts_add_up_and_none_is_negative(total: int, municipalities: int) -> None:
    chosen = all_municipalities()[:municipalities]

    parts = share(total, chosen)

    assert sum(parts.values()) == total
    assert min(parts.values()) >= 0
    assert list(parts) == [one.code for one in chosen]


@given(TOTALS, st.integers(min_value=11, max_value=98))
def test_among_more_than_ten_exactly_one_gets_nothing_however_much_there_is(
    total: int, municipalities: int
) -> None:
    parts = share(total + 100_000, all_municipalities()[:municipalities])

    assert list(parts.values()).count(0) == 1


@given(st.integers(min_value=1_000, max_value=3_000_000), st.integers(min_value=1, max_value=10))
def test_among_ten_or_fewer_nobody_is_left_out(total: int, municipalities: int) -> None:
    assert min(share(total, all_municipalities()[:municipalities]).values()) > 0


@given(TOTALS)
def test_no_part_is_more_than_one_away_from_its_exact_quota(total: int) -> None:
    bigger = [municipality("0101"), municipality("0751")]

    parts = share(total, bigger)

    exact = total * 660 / (660 + 367)
    assert abs(parts[bigger[0].code] - exact) < 1


def test_the_largest_remainder_gets_what_is_left_over_and_the_lower_code_a_tie() -> None:
    equal_in_size = [municipality("0270"), municipality("0210"), municipality("0190")]

    assert share(4, equal_in_size) == {"0270": 1, "0210": 1, "0190": 2}
    assert share(5, equal_in_size) == {"0270": 1, "0210": 2, "0190": 2}


def test_copenhagen_gets_most_and_the_islands_least() -> None:
    parts = share(25_000, all_municipalities())
    by_part = sorted(parts, key=lambda code: parts[code])

    assert by_part[-2:] == ["0751", "0101"]
    assert {municipality(code).name for code in by_part[:4]} == {"Læsø", "Fanø", "Samsø", "Ærø"}
