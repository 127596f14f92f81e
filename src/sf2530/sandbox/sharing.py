"""Share a number of agreements between municipalities by their rough size."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from sf2530.denmark.municipalities import Municipality, MunicipalityCode

NONE_ON_PURPOSE_ABOVE = 10
"""With more municipalities than this the smallest gets nothing, so that an empty answer is seen too."""


def share(total: int, municipalities: Sequence[Municipality]) -> dict[MunicipalityCode, int]:
    """Give each municipality its part of `total`, by size; the parts add up to exactly `total`.

    Whole parts first, then one more for those with the largest remainders, the lower code first.
    Among more than ten municipalities the smallest one's part is 0 on purpose.
    """
    sizes = {one.code: _rough_sizes()[one.code] for one in municipalities}
    if len(sizes) > NONE_ON_PURPOSE_ABOVE:
        sizes[min(sizes, key=lambda code: (sizes[code], code))] = 0
    whole = sum(sizes.values())
    parts = {code: total * size // whole for code, size in sizes.items()}
    left_over = total - sum(parts.values())
    by_remainder = sorted(sizes, key=lambda code: (-(total * sizes[code] % whole), code))
    for code in by_remainder[:left_over]:
        parts[code] += 1
    return parts


@cache
def _rough_sizes() -> Mapping[MunicipalityCode, int]:
    """Read how many thousand inhabitants each municipality has, roughly.

    The figures are our own, approximate and from general knowledge: enough for realistic proportions,
    and no statistics.
    """
    with files(__package__).joinpath("municipality_sizes.csv").open(encoding="utf-8") as file:
        return {
            MunicipalityCode(row["code"]): int(row["roughly_thousand_inhabitants"])
            for row in csv.DictReader(file)
        }
