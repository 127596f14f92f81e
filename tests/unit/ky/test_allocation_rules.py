"""The rules of withholding: examples a caseworker can follow, and properties for any payments at all."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.denmark.cpr import CprNumber
from sf2530.ky.allocating import Agreement, Payment, Withholding, allocate
from sf2530.records.reasons import WithholdingReason

ANNA = CprNumber("6101901234")
BENT = CprNumber("6202801111")
OLDEST, NEWER = date(2024, 1, 1), date(2025, 6, 1)
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def payment(reference: str, net_ore: int, *, cpr: CprNumber = ANNA, period_from: date = JUNE) -> Payment:
    return Payment(cpr, period_from, reference, net_ore)


def agreement(
    number: str, agreed_ore: int, *, cpr: CprNumber = ANNA, priority: int = 1, valid_from: date = OLDEST
) -> Agreement:
    return Agreement(cpr, priority, valid_from, number, agreed_ore)


def by_number(withholdings: list[Withholding]) -> dict[str, tuple[int, WithholdingReason]]:
    return {one.agreement_number: (one.withheld_ore, one.reason) for one in withholdings}


def test_the_whole_agreed_amount_is_withheld_when_the_net_carries_it() -> None:
    (withheld,) = allocate([payment("P1", 12_000_00)], [agreement("A1", 1_603_00)])

    assert (withheld.withheld_ore, withheld.reason) == (1_603_00, WithholdingReason.FULL)
    assert withheld.payment_reference == "P1"
    assert [(share.payment_reference, share.withheld_ore) for share in withheld.shares] == [("P1", 1_603_00)]


def test_what_the_net_can_not_carry_is_not_withheld() -> None:
    (withheld,) = allocate([payment("P1", 500_00)], [agreement("A1", 1_603_00)])

    assert (withheld.withheld_ore, withheld.reason) == (500_00, WithholdingReason.NET_TOO_SMALL)


def test_a_person_without_payout_gets_a_zero_withholding_because_the_mark_must_be_closed() -> None:
    (withheld,) = allocate([payment("P1", 500_00, cpr=BENT)], [agreement("A1", 1_603_00)])

    assert (withheld.withheld_ore, withheld.reason) == (0, WithholdingReason.NO_PAYOUT)
    assert withheld.payment_reference is None
    assert withheld.shares == ()


@pytest.mark.parametrize("net_ore", [0, -1, -90_000])
def test_nothing_is_withheld_from_a_zero_or_negative_net(net_ore: int) -> None:
    (withheld,) = allocate([payment("P1", net_ore)], [agreement("A1", 1_603_00)])

    assert (withheld.withheld_ore, withheld.reason) == (0, WithholdingReason.NET_TOO_SMALL)
    assert withheld.payment_reference == "P1"


def test_agreements_are_filled_by_priority_then_oldest_then_number_and_never_pro_rata() -> None:
    agreements = [
        agreement("A4", 100, priority=2, valid_from=OLDEST),
        agreement("A3", 100, valid_from=NEWER),
        agreement("A2", 100, valid_from=OLDEST),
        agreement("A1", 100, valid_from=OLDEST),
    ]

    withheld = by_number(list(allocate([payment("P1", 250)], agreements)))

    assert withheld == {
        "A1": (100, WithholdingReason.FULL),
        "A2": (100, WithholdingReason.FULL),
        "A3": (50, WithholdingReason.NET_TOO_SMALL),
        "A4": (0, WithholdingReason.NET_TOO_SMALL),
    }


def test_several_payments_of_one_person_are_one_net_and_are_taken_from_oldest_period_first() -> None:
    payments = [payment("P3", 100), payment("P2", 100), payment("P9", 100, period_from=MAY)]

    first, second = allocate(payments, [agreement("A1", 150), agreement("A2", 130)])

    assert [tuple(share) for share in first.shares] == [("P9", 100), ("P2", 50)]
    assert [tuple(share) for share in second.shares] == [("P2", 50), ("P3", 80)]
    assert (first.payment_reference, second.payment_reference) == ("P9", "P2")


def test_a_negative_payment_lowers_what_the_others_can_carry() -> None:
    payments = [payment("P1", -300), payment("P2", 500)]

    (withheld,) = allocate(payments, [agreement("A1", 400)])

    assert (withheld.withheld_ore, withheld.reason) == (200, WithholdingReason.NET_TOO_SMALL)
    assert [tuple(share) for share in withheld.shares] == [("P2", 200)]


def test_an_agreement_of_zero_is_withheld_in_full() -> None:
    (withheld,) = allocate([payment("P1", 500)], [agreement("A1", 0)])

    assert (withheld.withheld_ore, withheld.reason) == (0, WithholdingReason.FULL)


def test_payments_of_persons_without_agreement_are_left_alone() -> None:
    assert list(allocate([payment("P1", 500)], [])) == []


def test_a_negative_agreed_amount_is_a_fault_of_ours_and_never_paid_out() -> None:
    with pytest.raises(ValueError, match="agreed_ore"):
        list(allocate([payment("P1", 500)], [agreement("A1", -1)]))


PERSONS = st.sampled_from([CprNumber(f"61019{number:05d}") for number in range(6)])
DAYS = st.dates(OLDEST, JUNE)


@st.composite
def payment_lists(draw: st.DrawFn) -> list[Payment]:
    nets = draw(st.lists(st.tuples(PERSONS, DAYS, st.integers(-5_000, 50_000)), max_size=20))
    return [Payment(cpr, day, f"P{place}", net) for place, (cpr, day, net) in enumerate(nets)]


@st.composite
def agreement_lists(draw: st.DrawFn) -> list[Agreement]:
    drawn = draw(st.lists(st.tuples(PERSONS, st.integers(1, 3), DAYS, st.integers(0, 30_000)), max_size=20))
    return [
        Agreement(cpr, priority, day, f"{place:012d}", agreed)
        for place, (cpr, priority, day, agreed) in enumerate(drawn)
    ]


@given(payment_lists(), agreement_lists())
def test_every_agreement_gets_exactly_one_withholding(
    payments: list[Payment], agreements: list[Agreement]
) -> None:
    numbers = Counter(one.agreement_number for one in allocate(payments, agreements))

    assert numbers == Counter(one.number for one in agreements)


@given(payment_lists(), agreement_lists())
def test_withheld_is_never_more_than_agreed_nor_than_the_persons_net(
    payments: list[Payment], agreements: list[Agreement]
) -> None:
    agreed = {one.number: one for one in agreements}
    net: dict[str, int] = defaultdict(int)
    for paid in payments:
        net[paid.cpr] += paid.net_ore
    withheld: dict[str, int] = defaultdict(int)

    for one in allocate(payments, agreements):
        assert 0 <= one.withheld_ore <= agreed[one.agreement_number].agreed_ore
        withheld[agreed[one.agreement_number].cpr] += one.withheld_ore

    for cpr, total in withheld.items():
        assert total <= max(0, net[cpr])
        claimed = sum(one.agreed_ore for one in agreements if one.cpr == cpr)
        assert total == min(claimed, max(0, net[cpr])), "what the net can carry is withheld to the last øre"


@given(payment_lists(), agreement_lists())
def test_shares_add_up_to_the_withholding_and_no_payment_gives_more_than_it_holds(
    payments: list[Payment], agreements: list[Agreement]
) -> None:
    taken: dict[str, int] = defaultdict(int)
    owner = {one.reference: one.cpr for one in payments}
    cpr_of = {one.number: one.cpr for one in agreements}

    for one in allocate(payments, agreements):
        assert sum(share.withheld_ore for share in one.shares) == one.withheld_ore
        for share in one.shares:
            assert share.withheld_ore > 0
            assert owner[share.payment_reference] == cpr_of[one.agreement_number]
            taken[share.payment_reference] += share.withheld_ore

    assert all(taken[one.reference] <= max(0, one.net_ore) for one in payments)


@given(payment_lists(), agreement_lists(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(
    payments: list[Payment], agreements: list[Agreement], chance: Random
) -> None:
    expected = list(allocate(payments, agreements))
    chance.shuffle(payments)
    chance.shuffle(agreements)

    assert list(allocate(payments, agreements)) == expected


@given(payment_lists(), agreement_lists())
def test_a_later_agreement_gets_nothing_while_an_earlier_one_is_not_full(
    payments: list[Payment], agreements: list[Agreement]
) -> None:
    agreed = {one.number: one for one in agreements}
    short: set[str] = set()

    for one in allocate(payments, agreements):
        claim = agreed[one.agreement_number]
        if claim.cpr in short:
            assert one.withheld_ore == 0
        if one.withheld_ore < claim.agreed_ore:
            short.add(claim.cpr)
