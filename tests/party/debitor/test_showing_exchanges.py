"""What an operator sees of an exchange: what came in, what was replied, what was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sf2530.database.engines import reading
from sf2530.debitor.exchanges import ExchangeUnknown, exchange_details, exchanges
from sf2530.denmark.municipalities import MunicipalityCode

if TYPE_CHECKING:
    from tests.party.debitor.conftest import DebitorTown


def test_exchanges_are_listed_with_their_replies_the_latest_first(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    run = debitor.run()
    debitor.is_asked(run)
    debitor.is_asked(debitor.run("0147"))
    debitor.is_told(run, debitor.withheld(number))

    with reading(debitor.engine) as tx:
        everything = exchanges(tx)
        own = exchanges(tx, municipality=MunicipalityCode("0147"))

    assert [(each.delivery_id, each.outcome, each.records, each.reply) for each in everything] == [
        ("T010120261130MD01", "settled", 1, None),
        ("F014720261130MD01", "answered", 0, "BASVAR_0147_20261130_MD01.txt"),
        ("F010120261130MD01", "answered", 1, "BASVAR_0101_20261130_MD01.txt"),
    ]
    assert [each.delivery_id for each in own] == ["F014720261130MD01"]


def test_one_exchange_shows_refused_lines_masked_and_what_became_of_the_run(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    run = debitor.run()
    debitor.is_asked(run)
    debitor.is_told(run, debitor.withheld(number, 1_500_01))

    with reading(debitor.engine) as tx:
        masked = exchange_details(tx, "T010120261130MD01", reveal=False)
        revealed = exchange_details(tx, "KHTILBAG_0101_20261130_MD01.txt", reveal=True)

    assert [line["cpr"] for line in masked.refused_lines] == ["610190****"]
    assert [line["cpr"] for line in revealed.refused_lines] == [debitor.persons[number]]
    assert masked.reconciliation is not None
    assert masked.reconciliation.refused == 1


def test_a_refused_file_shows_every_finding_with_what_to_do(debitor: DebitorTown) -> None:
    debitor.receives("BAFORESP_0101_x.txt", b"garbage\r\n")
    debitor.works()

    with reading(debitor.engine) as tx:
        details = exchange_details(tx, "1", reveal=False)

    assert details.exchange.outcome == "refused"
    assert (details.exchange.reply or "").startswith("BAAFVIS_BAFORESP_0101_x.txt_")
    assert {"record-length", "end-record-missing", "delivery-id-names-no-run"} <= {
        finding["code"] for finding in details.findings
    }
    assert all(finding["remedy"] for finding in details.findings)


def test_what_never_came_in_is_not_found(debitor: DebitorTown) -> None:
    with reading(debitor.engine) as tx, pytest.raises(ExchangeUnknown) as unknown:
        exchange_details(tx, "6101901234", reveal=False)

    assert unknown.value.where == "610190****"
