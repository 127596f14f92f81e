"""The made-up population: exact in number, the same every time, and with every case there is."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import astuple
from datetime import date
from functools import cache
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sf2530.debitor.states import AgreementState
from sf2530.denmark.cpr import birth_date, is_test_number, parse
from sf2530.sandbox.persons import Agreement, Payment, Person
from sf2530.sandbox.population import Population, PopulationError, agreements, payments, persons, plan

VALUE_DATE = date(2026, 11, 30)
PERIOD = (date(2026, 11, 1), date(2026, 11, 30))


def can_be_set_off(agreement: Agreement) -> bool:
    """Say what the answer has to hold, in the test's own words: active, and valid in the period."""
    valid_to = agreement.valid_to or date.max
    valid = agreement.valid_from <= PERIOD[1] and valid_to >= PERIOD[0]
    return agreement.state is AgreementState.ACTIVE and valid


def everyone(population: Population) -> Iterator[Person]:
    for municipality in population.municipalities:
        yield from persons(population, municipality)


def all_agreements(population: Population) -> list[Agreement]:
    return [one for person in everyone(population) for one in person.agreements]


def all_payments(population: Population) -> list[Payment]:
    return [one for person in everyone(population) for one in person.payments]


def fingerprint(population: Population) -> str:
    digest = hashlib.sha256()
    for person in everyone(population):
        digest.update(repr((person.agreements, person.payments)).encode())
    return digest.hexdigest()


@cache
def denmark() -> Population:
    return plan(VALUE_DATE)


@cache
def denmarks_agreements() -> list[Agreement]:
    return all_agreements(denmark())


@cache
def denmarks_payments() -> list[Payment]:
    return all_payments(denmark())


def test_twenty_five_thousand_agreements_can_be_set_off_unless_told_otherwise() -> None:
    counted = Counter(one.municipality for one in denmarks_agreements() if can_be_set_off(one))

    assert counted.total() == 25_000
    assert len(denmark().municipalities) == 98
    assert counted == {code: part for code, part in denmark().can_be_set_off.items() if part}


@settings(max_examples=25, deadline=None)
@given(
    total=st.integers(min_value=0, max_value=600),
    municipalities=st.integers(min_value=1, max_value=98),
    seed=st.integers(),
)
def test_whatever_is_asked_for_is_made_exactly(total: int, municipalities: int, seed: int) -> None:
    population = plan(VALUE_DATE, agreements=total, municipalities=municipalities, seed=seed)

    made = all_agreements(population)

    assert len(population.municipalities) == municipalities
    counted = Counter(one.municipality for one in made if can_be_set_off(one))
    assert counted.total() == total
    assert all(counted[code] == part for code, part in population.can_be_set_off.items())
    assert len({one.agreement_number for one in made}) == len(made)


def test_about_eight_percent_more_cannot_be_set_off_of_every_kind_everywhere() -> None:
    idle = [one for one in denmarks_agreements() if not can_be_set_off(one)]

    assert 0.07 < len(idle) / 25_000 < 0.09
    kinds = defaultdict(set)
    for one in idle:
        over = one.valid_to is not None and one.valid_to < PERIOD[0]
        not_begun = one.valid_from > PERIOD[1]
        kinds[one.municipality].add((one.state.value, over, not_begun))
    expected = {
        ("active", True, False),
        ("ended", True, False),
        ("suspended", False, False),
        ("active", False, True),
    }
    assert all(kinds[code] == expected for code in denmark().municipalities)


def test_of_98_municipalities_only_laeso_has_none_to_set_off_but_it_has_others_and_pays() -> None:
    none_to_set_off = [code for code, part in denmark().can_be_set_off.items() if part == 0]

    assert none_to_set_off == ["0825"]
    assert list(agreements(denmark(), none_to_set_off[0]))
    assert list(payments(denmark(), none_to_set_off[0]))


def test_every_person_is_made_up_and_the_same_person_is_never_made_twice() -> None:
    owners = Counter(one.municipality + one.cpr for one in denmarks_agreements())
    numbers = Counter(owner[4:] for owner in owners)

    assert set(numbers.values()) == {1}
    for cpr in numbers:
        assert is_test_number(parse(cpr))
        assert 1960 <= birth_date(parse(cpr)).year <= 2005


def test_within_a_municipality_no_two_persons_share_a_number() -> None:
    for code in denmark().municipalities:
        known = list(persons(denmark(), code))
        numbers = {one.cpr for person in known for one in person.agreements}
        numbers |= {one.cpr for person in known for one in person.payments}
        assert len(numbers) == len(known)


def test_agreement_numbers_claims_and_payment_references_are_each_used_once_and_fit_their_fields() -> None:
    numbers = [one.agreement_number for one in denmarks_agreements()]
    claims = [one.claim_reference for one in denmarks_agreements()]
    references = [one.payment_reference for one in denmarks_payments()]

    assert len(set(numbers)) == len(numbers)
    assert len(set(claims)) == len(claims)
    assert len(set(references)) == len(references)
    assert all(len(number) == 12 and number.isdigit() for number in numbers)
    assert all(len(text) <= 20 and text.isascii() and text.isalnum() for text in claims + references)


def test_a_payment_reference_names_the_municipality_that_pays_and_the_day() -> None:
    for code in denmark().municipalities:
        assert {one.payment_reference[:13] for one in payments(denmark(), code)} == {f"K{code}20261130"}


def test_every_agreement_is_one_that_an_answer_could_hold() -> None:
    for one in denmarks_agreements():
        assert one.agreement_type == "01"
        assert one.priority in {1, 2, 3}
        assert one.contributions in {1, 2}
        assert 400_00 <= one.monthly_ore <= one.contributions * 1_603_00
        assert one.valid_to is None or one.valid_to > one.valid_from
        assert one.due_date == date(2026, 12, 1)


def test_amounts_are_mostly_the_normal_contribution_and_some_have_ore() -> None:
    amounts = [one.monthly_ore for one in denmarks_agreements()]

    assert sum(amount in {1_603_00, 3_206_00} for amount in amounts) / len(amounts) > 0.8
    assert any(amount % 100 for amount in amounts)


def test_every_payment_adds_up_and_lies_in_the_month_paid_for() -> None:
    for one in denmarks_payments():
        assert one.gross_ore - one.deductions_ore == one.net_ore
        assert one.net_ore >= 0
        assert one.deductions_ore > 0
        assert one.benefit_code == "KTH"
        assert PERIOD[0] <= one.period_from <= one.period_to <= PERIOD[1]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_persons_have_one_agreement_or_two_or_three(number: int) -> None:
    per_person = Counter(one.cpr for one in denmarks_agreements() if can_be_set_off(one))

    assert number in per_person.values()
    assert max(per_person.values()) == 3


def test_some_persons_are_paid_without_any_agreement() -> None:
    obligors = {one.cpr for one in denmarks_agreements()}
    paid = {one.cpr for one in denmarks_payments()}

    assert 0.1 < len(paid - obligors) / len(paid) < 0.3


def outcome(owed_ore: int, net_ore: int | None) -> str:
    if net_ore is None:
        return "not paid"
    if net_ore == 0:
        return "nothing net"
    if net_ore == owed_ore:
        return "exactly enough"
    return "falls short" if net_ore < owed_ore else "more than enough"


def test_benefits_suffice_fall_short_come_to_nothing_or_are_not_paid() -> None:
    owed, net = Counter[str](), Counter[str]()
    for agreement in denmarks_agreements():
        owed[agreement.cpr] += agreement.monthly_ore if can_be_set_off(agreement) else 0
    for payment in denmarks_payments():
        net[payment.cpr] += payment.net_ore
    obligors = [person for person in owed if owed[person]]
    outcomes = Counter(outcome(owed[person], net.get(person)) for person in obligors)

    shares = {name: number / outcomes.total() for name, number in outcomes.items()}
    assert 0.04 < shares["not paid"] < 0.08
    assert 0.01 < shares["nothing net"] < 0.03
    assert 0.07 < shares["falls short"] < 0.13
    assert 0.01 < shares["exactly enough"] < 0.05
    assert shares["more than enough"] > 0.7


def test_a_net_amount_may_cover_a_persons_first_agreement_and_not_the_second() -> None:
    amounts, net = defaultdict(list), Counter[str]()
    for agreement in denmarks_agreements():
        if can_be_set_off(agreement):
            amounts[agreement.cpr].append(agreement.monthly_ore)
    for payment in denmarks_payments():
        net[payment.cpr] += payment.net_ore

    assert any(max(owed) < net[cpr] < sum(owed) for cpr, owed in amounts.items() if len(owed) > 1)


def test_some_persons_of_equal_priority_leave_the_order_to_the_next_rule() -> None:
    priorities = defaultdict(list)
    for one in denmarks_agreements():
        if can_be_set_off(one):
            priorities[one.cpr].append(one.priority)

    assert [1, 1] in priorities.values()
    assert [1, 2] in priorities.values()


def test_some_persons_get_several_payments_for_parts_of_the_month() -> None:
    per_person = Counter(one.cpr for one in denmarks_payments())

    assert max(per_person.values()) == 2
    assert 0.04 < sum(number == 2 for number in per_person.values()) / len(per_person) < 0.12


def test_some_persons_are_paid_by_another_municipality_than_their_agreements() -> None:
    agreed_in = {one.cpr: one.municipality for one in denmarks_agreements() if can_be_set_off(one)}
    paid_by = defaultdict(set)
    for code in denmark().municipalities:
        for one in payments(denmark(), code):
            paid_by[one.cpr].add(code)

    elsewhere = {cpr for cpr, code in agreed_in.items() if paid_by[cpr] and code not in paid_by[cpr]}
    assert 0.01 < len(elsewhere) / len(agreed_in) < 0.05
    assert all(len(codes) <= 1 for codes in paid_by.values())


def test_where_there_is_one_municipality_nobody_is_paid_elsewhere() -> None:
    alone = plan(VALUE_DATE, agreements=500, municipalities=1)
    paid = {one.cpr for one in all_payments(alone)}
    obligors = Counter(one.cpr for one in all_agreements(alone) if can_be_set_off(one))

    assert alone.municipalities == ("0101",)
    assert 0.02 < len(set(obligors) - paid) / len(obligors) < 0.12


@pytest.mark.parametrize("value_date", [date(2026, 1, 30), date(2026, 12, 30), date(2028, 2, 29)])
def test_no_agreement_that_can_be_set_off_hangs_on_the_day_asked_about(value_date: date) -> None:
    population = plan(value_date, agreements=2_000, municipalities=5)
    same_month_and_its_neighbours = [
        date(value_date.year, value_date.month, 1).toordinal() - 31,
        value_date.toordinal() + 31,
    ]
    for one in all_agreements(population):
        ends = one.valid_to.toordinal() if one.valid_to else date.max.toordinal()
        first, last = same_month_and_its_neighbours
        holds_throughout = one.valid_from.toordinal() <= first and ends >= last
        holds_never = one.valid_from.toordinal() > last or ends < first
        assert holds_throughout or holds_never


def test_the_same_seed_makes_the_same_population_to_the_letter() -> None:
    one = plan(VALUE_DATE, agreements=400, municipalities=12, seed=7)
    again = plan(VALUE_DATE, agreements=400, municipalities=12, seed=7)

    assert fingerprint(one) == fingerprint(again)


def test_another_seed_or_value_date_makes_another_population() -> None:
    fingerprints = {
        fingerprint(plan(value_date, agreements=400, municipalities=12, seed=seed))
        for value_date, seed in [(VALUE_DATE, 7), (VALUE_DATE, 8), (date(2026, 12, 30), 7)]
    }

    assert len(fingerprints) == 3


def test_a_municipality_can_be_made_up_alone_and_in_part() -> None:
    late = denmark().municipalities[60]

    once = [astuple(one) for one in agreements(denmark(), late)]
    first_ten = [astuple(one) for one in islice(agreements(denmark(), late), 10)]

    assert once[:10] == first_ten


def test_agreements_and_payments_are_what_the_persons_have() -> None:
    code = denmark().municipalities[3]
    known = list(persons(denmark(), code))

    assert list(agreements(denmark(), code)) == [one for person in known for one in person.agreements]
    assert list(payments(denmark(), code)) == [one for person in known for one in person.payments]


def test_a_big_municipality_is_made_up_without_being_held_in_memory() -> None:
    big = plan(VALUE_DATE, agreements=20_000, municipalities=1)
    tracemalloc.start()
    try:
        number = sum(1 for _each in agreements(big, big.municipalities[0]))
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert number >= 21_600
    assert peak_bytes < 8 * 1024 * 1024


@pytest.mark.parametrize("municipalities", [-1, 0, 99])
def test_an_impossible_number_of_municipalities_is_refused(municipalities: int) -> None:
    with pytest.raises(PopulationError, match="from 1 to 98"):
        plan(VALUE_DATE, municipalities=municipalities)


@pytest.mark.parametrize("number", [-1, 3_000_001])
def test_an_impossible_number_of_agreements_is_refused(number: int) -> None:
    with pytest.raises(PopulationError, match="from 0 to 3000000"):
        plan(VALUE_DATE, agreements=number)
