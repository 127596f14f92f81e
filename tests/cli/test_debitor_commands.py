"""`sf2530 debitor`: what an operator types, and what is seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import sqlalchemy as sa

from sf2530.database.engines import open_engine, reading
from sf2530.exchange.tables import disclosure

Sf2530 = Callable[..., Any]

AGREEMENTS = """agreement_number,cpr,municipality,agreement_type,priority,monthly_ore,contributions,valid_from
1,6101901234,0101,01,1,150000,1,2026-01-01
2,6202852345,0147,01,1,120050,2,2026-01-01
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    host_key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    path = tmp_path / "debitor.toml"
    path.write_text(
        f"""
        [exchange.mailbox]
        host = "127.0.0.1"
        user = "UDKDEB"
        key_file = "debitor_key"
        host_keys = ["{host_key}"]
        """
    )
    return path


@pytest.fixture
def agreements(tmp_path: Path) -> Path:
    path = tmp_path / "agreements.csv"
    path.write_text(AGREEMENTS)
    return path


def test_agreements_are_imported_listed_masked_and_exported(
    sf2530: Sf2530, config: Path, agreements: Path, tmp_path: Path
) -> None:
    imported = sf2530("debitor", "agreements", "import", agreements, "--config", config)
    assert (imported.status, imported.out.strip()) == (0, "2 agreements imported.")

    listed = sf2530("debitor", "agreements", "list", "--config", config, "--limit", 1)
    assert "610190****" in listed.out
    assert "6101901234" not in listed.out
    assert "1.500,00" in listed.out
    assert "1 of 2 shown." in listed.out

    exported = sf2530("debitor", "agreements", "export", tmp_path / "out.csv", "--config", config, "--json")
    assert exported.json == {"exported": 2}
    assert "6101901234" in (tmp_path / "out.csv").read_text()


def test_cpr_numbers_are_shown_on_request_and_that_is_recorded(
    sf2530: Sf2530, config: Path, agreements: Path
) -> None:
    sf2530("debitor", "agreements", "import", agreements, "--config", config)

    shown = sf2530(
        "debitor", "agreements", "list", "--reveal", "--municipality", "147", "--json", "--config", config
    )

    assert [row["cpr"] for row in shown.json["agreements"]] == ["6202852345"]
    with reading(open_engine(f"sqlite:///{config.parent / 'debitor.db'}")) as tx:
        record = tx.execute(sa.select(disclosure)).one()
    assert (record.what, record.numbers) == ("agreements list 0147", 1)


def test_an_export_is_recorded_before_the_file_is_written(
    sf2530: Sf2530, config: Path, agreements: Path
) -> None:
    sf2530("debitor", "agreements", "import", agreements, "--config", config)

    fails = sf2530(
        "debitor", "agreements", "export", config.parent / "no-folder" / "a.csv", "--config", config
    )

    assert fails.status != 0
    with reading(open_engine(f"sqlite:///{config.parent / 'debitor.db'}")) as tx:
        record = tx.execute(sa.select(disclosure)).one()
    assert (record.what.split()[:2], record.numbers) == (["agreements", "export"], 2)


def test_a_wrong_import_says_every_error_and_takes_nothing_in(
    sf2530: Sf2530, config: Path, agreements: Path
) -> None:
    agreements.write_text(AGREEMENTS.replace("6202852345", "6202").replace("0147", "0411"))

    refused = sf2530("debitor", "agreements", "import", agreements, "--config", config)

    assert refused.status == 1
    assert "there are 2 errors" in refused.err
    assert "agreements.csv, line 3, cpr" in refused.err
    assert "agreements.csv, line 3, municipality" in refused.err
    assert sf2530("debitor", "agreements", "list", "--json", "--config", config).json["total"] == 0


def test_an_exported_file_never_overwrites_another(sf2530: Sf2530, config: Path, agreements: Path) -> None:
    refused = sf2530("debitor", "agreements", "export", agreements, "--config", config)

    assert refused.status == 3
    assert agreements.read_text() == AGREEMENTS


def test_exchanges_and_reconciliation_of_a_new_debitor_are_empty(sf2530: Sf2530, config: Path) -> None:
    assert sf2530("debitor", "exchanges", "--json", "--config", config).json == []
    assert sf2530("debitor", "reconcile", "--json", "--config", config).json == []
    assert sf2530("debitor", "reconcile", "--config", config).status == 0


def test_an_exchange_nobody_knows_is_a_wrong_use(sf2530: Sf2530, config: Path) -> None:
    unknown = sf2530("debitor", "show", "F010120261130MD01", "--config", config)

    assert unknown.status == 2
    assert "Nothing has come in under this id." in unknown.err


def test_a_setting_that_can_not_be_used_is_named(sf2530: Sf2530, config: Path) -> None:
    config.write_text('profile = "own"\n' + config.read_text())

    wrong = sf2530("debitor", "exchanges", "--config", config)

    assert wrong.status == 2
    assert "profile" in wrong.err


def test_the_export_is_readable_as_json_lines_too(
    sf2530: Sf2530, config: Path, agreements: Path, tmp_path: Path
) -> None:
    sf2530("debitor", "agreements", "import", agreements, "--config", config)

    sf2530("debitor", "agreements", "export", tmp_path / "out.jsonl", "--config", config)

    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["monthly_ore"] for row in rows] == [150_000, 120_050]
