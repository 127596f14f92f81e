"""An export has the same bytes, whatever order a database sorts text in."""

from __future__ import annotations

from typing import NamedTuple

from sf2530.ky.exporting import in_byte_order


class Row(NamedTuple):
    run_id: int
    agreement_number: str
    payment_reference: str | None


def test_the_rows_of_a_withholding_stand_in_byte_order_and_withholdings_stay_where_they_are() -> None:
    # as a Danish or an English database sorts them: small letters beside capitals, signs looked past
    found = [
        Row(1, "000000000002", "a1"),
        Row(1, "000000000002", "B-1"),
        Row(1, "000000000002", "B1"),
        Row(1, "000000000001", None),
        Row(2, "000000000001", "A"),
    ]

    assert list(in_byte_order(found)) == [found[1], found[2], found[0], found[3], found[4]]
