"""Chance that falls the same way every time, on every machine and every version of Python."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

Thing = TypeVar("Thing")


class Dice:
    """Random figures that hang on nothing but the words given, such as a seed and a municipality.

    Only `Random.random` is used, the one method whose sequence Python promises never to change.
    """

    def __init__(self, *words: object) -> None:
        self._random = Random("/".join(str(word) for word in words)).random  # noqa: S311  no secrets here

    def chance(self, likelihood: float) -> bool:
        """Say yes with a likelihood from 0 to 1."""
        return self._random() < likelihood

    def below(self, count: int) -> int:
        """Give a whole number from 0 up to but not including `count`, which is 1 or more."""
        return int(self._random() * count)

    def between(self, first: int, last: int) -> int:
        """Give a whole number from `first` to `last`, both included."""
        return first + int(self._random() * (last - first + 1))

    def pick(self, things: Sequence[tuple[Thing, float]]) -> Thing:
        """Pick a thing by its likelihood. They add up to 1; the last also gets what rounding leaves."""
        left = self._random()
        for thing, likelihood in things:
            left -= likelihood
            if left < 0:
                return thing
        return things[-1][0]
