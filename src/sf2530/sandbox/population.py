"""The made-up population of a sandbox: who has which agreements, and who is paid what in the coming run.

Everything hangs on the seed, the number of agreements and municipalities, and the value date; nothing on
the clock or the machine. Made municipality by municipality and person by person, so that a million
agreements take no more memory than one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import ClassVar

from sf2530.denmark.municipalities import MunicipalityCode, all_municipalities
from sf2530.errors import UseError
from sf2530.language import _
from sf2530.sandbox.dice import Dice
from sf2530.sandbox.made_up_numbers import HOW_MANY, MadeUpNumbers
from sf2530.sandbox.persons import Agreement, Payment, Payout, Person
from sf2530.sandbox.registrar import Registrar
from sf2530.sandbox.sharing import share

MOST_AGREEMENTS = 3_000_000
DEFAULT_AGREEMENTS = 25_000
DEFAULT_SEED = 2530

_IDLE_IN_A_HUNDRED = 8
_FEWEST_IDLE = 4
"""One of each kind; also where no agreement can be set off, so that an empty answer has to be chosen."""
_PAID_ELSEWHERE_IN_A_HUNDRED = 3
_FEWEST_WITH_ELSEWHERE = 10
_WITHOUT_AGREEMENT_IN_A_HUNDRED = 20
_FEWEST_WITHOUT_AGREEMENT = 5
_ALSO_IDLE = 0.04

_PAID_ELSEWHERE_SERIALS = 9_000_001
"""Where the second group of a municipality begins to number, far beyond the last of the first."""

_AGREEMENTS_A_PERSON = ((1, 0.86), (2, 0.115), (3, 0.025))
_PAYOUTS = (
    (Payout.SUFFICES, 0.82),
    (Payout.FALLS_SHORT, 0.10),
    (Payout.NOTHING_NET, 0.02),
    (Payout.NOT_PAID, 0.06),
)


class PopulationError(UseError):
    """A population of that size can't be made."""

    code: ClassVar[str] = "population-impossible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """What a made-up population is to be; `plan` makes one, `persons` fills it."""

    seed: int
    value_date: date
    can_be_set_off: Mapping[MunicipalityCode, int]
    """For each municipality, how many agreements the answer of the run has to hold; 0 for some."""

    @property
    def municipalities(self) -> tuple[MunicipalityCode, ...]:
        """The municipalities that take part, in the order of their codes."""
        return tuple(self.can_be_set_off)


def plan(
    value_date: date,
    *,
    agreements: int = DEFAULT_AGREEMENTS,
    municipalities: int = 98,
    seed: int = DEFAULT_SEED,
) -> Population:
    """Plan a population for the run that pays on `value_date`.

    `agreements` can be set off in that run, exactly so many in all, shared by the municipalities' rough
    sizes; about 8 % more can't be, because they are over, ended, suspended or have not begun.
    `municipalities` takes the first so many in the order of their codes; of more than ten, the smallest
    has no agreement that can be set off. Raises PopulationError.
    """
    if not 0 < municipalities <= len(all_municipalities()):
        raise PopulationError(
            _("A sandbox can have from 1 to %(most)d municipalities") % {"most": len(all_municipalities())},
            where=str(municipalities),
            remedy=_("Choose another number of municipalities."),
        )
    if not 0 <= agreements <= MOST_AGREEMENTS:
        raise PopulationError(
            _("A sandbox can have from 0 to %(most)d agreements") % {"most": MOST_AGREEMENTS},
            where=str(agreements),
            remedy=_("Choose another number of agreements."),
        )
    parts = MappingProxyType(share(agreements, all_municipalities()[:municipalities]))
    return Population(seed=seed, value_date=value_date, can_be_set_off=parts)


def persons(population: Population, municipality: MunicipalityCode) -> Iterator[Person]:
    """Make up all that one municipality knows of persons, the same and in the same order each time.

    Some have only agreements here, since their benefit is paid by the next municipality. And some have
    only payments here, since their agreements are the previous one's.
    """
    yield from _residents(population, municipality)
    for person in _paid_elsewhere(population, municipality):
        yield Person(agreements=person.agreements, payments=())
    for person in _paid_elsewhere(population, _next_to(population, municipality, step=-1)):
        yield Person(agreements=(), payments=person.payments)


def agreements(population: Population, municipality: MunicipalityCode) -> Iterator[Agreement]:
    """Make up all agreements of one municipality, those that can't be set off too."""
    return (one for person in persons(population, municipality) for one in person.agreements)


def payments(population: Population, municipality: MunicipalityCode) -> Iterator[Payment]:
    """Make up all payments that one municipality makes in the run."""
    return (one for person in persons(population, municipality) for one in person.payments)


def _residents(population: Population, municipality: MunicipalityCode) -> Iterator[Person]:
    """Make up the persons who have both agreements and payments, if any, in one municipality."""
    dice = Dice(population.seed, population.value_date, municipality, "residents")
    registrar = Registrar(
        dice,
        agreements_in=municipality,
        paid_by=municipality,
        value_date=population.value_date,
        first_serial=1,
    )
    numbers = MadeUpNumbers(population.seed)
    index = population.municipalities.index(municipality) * _numbers_each(population)
    for active, idle in _households(dice, population, municipality):
        payout = dice.pick(_PAYOUTS) if active else Payout.SUFFICES
        yield registrar.person(numbers.number(index), active=active, idle=idle, payout=payout)
        index += 1


def _households(
    dice: Dice, population: Population, municipality: MunicipalityCode
) -> Iterator[tuple[int, int]]:
    """Give for each resident how many agreements can be set off and how many can't."""
    part = population.can_be_set_off[municipality]
    active = part - _number_paid_elsewhere(population, municipality)
    idle = max(_FEWEST_IDLE, part * _IDLE_IN_A_HUNDRED // 100)
    while active:
        own = min(active, dice.pick(_AGREEMENTS_A_PERSON))
        own_idle = 1 if idle and dice.chance(_ALSO_IDLE) else 0
        active -= own
        idle -= own_idle
        yield own, own_idle
    yield from ((0, 1) for _each in range(idle))
    without = max(_FEWEST_WITHOUT_AGREEMENT, part * _WITHOUT_AGREEMENT_IN_A_HUNDRED // 100)
    yield from ((0, 0) for _each in range(without))


def _paid_elsewhere(population: Population, municipality: MunicipalityCode) -> Iterator[Person]:
    """Make up the persons with an agreement here who are paid by the next municipality.

    A group apart with chance and numbers of its own, so that the neighbour can make it up alone.
    """
    registrar = Registrar(
        Dice(population.seed, population.value_date, municipality, "paid elsewhere"),
        agreements_in=municipality,
        paid_by=_next_to(population, municipality, step=1),
        value_date=population.value_date,
        first_serial=_PAID_ELSEWHERE_SERIALS,
    )
    numbers = MadeUpNumbers(population.seed)
    past_last = (population.municipalities.index(municipality) + 1) * _numbers_each(population)
    for place in range(_number_paid_elsewhere(population, municipality)):
        cpr = numbers.number(past_last - 1 - place)
        yield registrar.person(cpr, active=1, idle=0, payout=Payout.SUFFICES)


def _number_paid_elsewhere(population: Population, municipality: MunicipalityCode) -> int:
    """Give how many agreements are of persons paid elsewhere: none of a few, or if there is no elsewhere."""
    part = population.can_be_set_off[municipality]
    if len(population.can_be_set_off) == 1 or part < _FEWEST_WITH_ELSEWHERE:
        return 0
    return max(1, part * _PAID_ELSEWHERE_IN_A_HUNDRED // 100)


def _next_to(population: Population, municipality: MunicipalityCode, *, step: int) -> MunicipalityCode:
    """Give the municipality `step` further in a circle of all that take part."""
    circle = population.municipalities
    return circle[(circle.index(municipality) + step) % len(circle)]


def _numbers_each(population: Population) -> int:
    """Give how many CPR numbers each municipality has to itself: several for each person it can have."""
    return HOW_MANY // len(population.can_be_set_off)
