"""Taking a payments list in, on both databases."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from sf2530.database.migrating import differences
from sf2530.ky.payment_rows import FIELDS
from sf2530.ky.payments import PaymentsRefused, PaymentsReplaced, import_payments
from sf2530.ky.runs import RunUnknown

if TYPE_CHECKING:
    from tests.party.ky.conftest import KyTown

HEADER = ",".join(FIELDS)
ROW = "P-{number},6101901234,KTH,2026-11-01,2026-11-30,{gross},100,{net}"


def listed(*nets: int) -> str:
    rows = [ROW.format(number=number, gross=net + 100, net=net) for number, net in enumerate(nets, start=1)]
    return "\n".join([HEADER, *rows])


def imported(town: KyTown, text: str) -> PaymentsReplaced:
    return import_payments(
        town.engine, town.key(), io.BytesIO(text.encode()), name="list.csv", now=town.clock()
    )


def test_a_list_is_imported_whole_and_marks_the_payments_complete(town: KyTown) -> None:
    town.plans("0101")

    done = imported(town, listed(100, 200, -50))

    assert (done.payments, done.net_ore) == (3, 250)
    assert town.run().payments_complete


def test_a_list_with_one_error_leaves_the_payments_as_they_were(town: KyTown) -> None:
    town.plans("0101")
    imported(town, listed(100))

    with pytest.raises(PaymentsRefused) as refused:
        imported(town, listed(100, 200).replace("KTH", "ZZZ", 1))

    assert len(refused.value.findings) == 1
    assert town.run().payments == 1


def test_a_list_for_a_run_that_was_never_planned_is_refused(town: KyTown) -> None:
    with pytest.raises(RunUnknown):
        imported(town, listed(100))


def test_the_database_is_what_the_tables_declare(town: KyTown) -> None:
    assert differences(town.engine, "sf2530.ky.migrations") == []
