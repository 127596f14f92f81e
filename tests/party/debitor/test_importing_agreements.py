"""Agreements come in all or nothing, every error told at once, and go out again without loss."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from sf2530.database.engines import reading
from sf2530.debitor.agreement_files import AgreementFileUnreachable, FormatUnknown, write_rows
from sf2530.debitor.importing import BATCH_ROWS, AgreementsRefused, add_agreements, import_agreements
from sf2530.debitor.listing import AgreementFilter, agreements, count_agreements
from sf2530.debitor.states import AgreementState
from sf2530.debitor.tables import agreement
from sf2530.denmark.municipalities import MunicipalityCode

if TYPE_CHECKING:
    from tests.party.debitor.conftest import DebitorTown

HEADER = (
    "agreement_number,cpr,municipality,agreement_type,priority,monthly_ore,contributions,valid_from,valid_to"
)
GOOD = "1,6101901234,101,1,1,150000,1,2026-01-01,"


def csv_file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "agreements.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def stored(debitor: DebitorTown) -> int:
    with reading(debitor.engine) as tx:
        return count_agreements(tx, AgreementFilter())


def errors(debitor: DebitorTown, path: Path) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(AgreementsRefused) as refused:
        import_agreements(debitor.engine, path, now=debitor.now)
    assert stored(debitor) == 0
    return [(each.code, each.where.line, each.where.field) for each in refused.value.findings]


def test_a_csv_file_is_taken_in_with_codes_brought_to_their_length(
    debitor: DebitorTown, tmp_path: Path
) -> None:
    assert import_agreements(debitor.engine, csv_file(tmp_path, GOOD), now=debitor.now) == 1

    with reading(debitor.engine) as tx:
        row = tx.execute(sa.select(agreement)).one()
    assert (row.agreement_number, row.municipality, row.agreement_type) == ("000000000001", "0101", "01")
    assert (row.monthly_ore, row.valid_from, row.valid_to) == (150000, date(2026, 1, 1), None)
    assert (row.state, row.claim_reference) == ("active", "")


def test_a_file_from_a_danish_spreadsheet_is_taken_in(debitor: DebitorTown, tmp_path: Path) -> None:
    path = tmp_path / "regneark.csv"
    path.write_bytes(
        b"\xef\xbb\xbf" + HEADER.replace(",", ";").encode() + b"\r\n" + GOOD.replace(",", ";").encode()
    )

    assert import_agreements(debitor.engine, path, now=debitor.now) == 1


def test_a_json_lines_file_is_taken_in(debitor: DebitorTown, tmp_path: Path) -> None:
    path = tmp_path / "agreements.jsonl"
    path.write_text(json.dumps(dict(zip(HEADER.split(","), GOOD.split(","), strict=True))) + "\n\n")

    assert import_agreements(debitor.engine, path, now=debitor.now) == 1


def test_every_error_is_told_at_once_and_nothing_is_taken_in(debitor: DebitorTown, tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        GOOD,
        "2,610190-1234,101,1,1,150000,1,2026-01-01,",
        "3,6101901234,411,1,0,-5,1,2026-02-30,",
        "4,6101901234,101,1,1,150000,1,2026-01-01,2025-01-01",
        "5,6101901234,101,1,1,,1,2026-01-01,",
        "6,too,few",
        "1,6101901234,101,1,1,150000,1,2026-01-01,",
    )

    assert sorted(errors(debitor, path), key=str) == sorted(
        [
            ("agreement-field-wrong", 3, "cpr"),
            ("agreement-field-wrong", 4, "municipality"),
            ("agreement-field-wrong", 4, "priority"),
            ("agreement-field-wrong", 4, "monthly_ore"),
            ("agreement-field-wrong", 4, "valid_from"),
            ("agreement-ends-before-it-begins", 5, "valid_to"),
            ("agreement-field-missing", 6, "monthly_ore"),
            ("line-unreadable", 7, None),
            ("agreement-known-already", 8, "agreement_number"),
        ],
        key=str,
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER + ",colour", {"agreement-field-unknown"}),
        (HEADER.replace("cpr", "person"), {"agreement-field-unknown", "agreement-field-missing"}),
        (HEADER + ",cpr", {"agreement-field-twice"}),
        ("", {"agreement-field-missing"}),
    ],
)
def test_a_header_that_can_not_be_right_is_told_before_any_row(
    debitor: DebitorTown, tmp_path: Path, header: str, expected: set[str]
) -> None:
    assert {
        code for code, _line, _field in errors(debitor, csv_file(tmp_path, GOOD, header=header))
    } == expected


def test_a_number_that_comes_twice_is_found_however_far_apart(debitor: DebitorTown) -> None:
    rows = [
        {
            "agreement_number": str(number),
            "cpr": "6101901234",
            "municipality": "0101",
            "agreement_type": "01",
            "priority": 1,
            "monthly_ore": 1,
            "contributions": 1,
            "valid_from": date(2026, 1, 1),
        }
        for number in (*range(1, BATCH_ROWS + 2), 1)
    ]

    with pytest.raises(AgreementsRefused) as refused, debitor.engine.begin() as tx:
        add_agreements(tx, rows, now=debitor.now)

    assert [(each.code, each.where.line) for each in refused.value.findings] == [
        ("agreement-known-already", BATCH_ROWS + 2)
    ]
    assert stored(debitor) == 0


def test_an_agreement_that_is_known_is_not_imported_again(debitor: DebitorTown, tmp_path: Path) -> None:
    import_agreements(debitor.engine, csv_file(tmp_path, GOOD), now=debitor.now)

    with pytest.raises(AgreementsRefused, match="already"):
        import_agreements(debitor.engine, csv_file(tmp_path, GOOD), now=debitor.now)


def test_no_cpr_number_is_shown_in_an_error(debitor: DebitorTown, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "6101901234567,6101909999x,101,1,6101905555,150000,1,2026-01-01,")

    with pytest.raises(AgreementsRefused) as refused:
        import_agreements(debitor.engine, path, now=debitor.now)

    told = str(refused.value) + repr(refused.value.findings)
    assert not any(number in told for number in ("6101901234", "6101909999", "6101905555"))


def test_a_million_errors_fill_neither_memory_nor_screen(debitor: DebitorTown, tmp_path: Path) -> None:
    path = csv_file(tmp_path, *(["x"] * 1_500))

    with pytest.raises(AgreementsRefused) as refused:
        import_agreements(debitor.engine, path, now=debitor.now)

    assert (refused.value.total, len(refused.value.findings)) == (1_500, 1_000)
    assert len(str(refused.value).splitlines()) < 30


def test_a_file_of_another_kind_or_not_there_is_refused(debitor: DebitorTown, tmp_path: Path) -> None:
    with pytest.raises(FormatUnknown):
        import_agreements(debitor.engine, tmp_path / "agreements.xlsx", now=debitor.now)
    with pytest.raises(AgreementFileUnreachable):
        import_agreements(debitor.engine, tmp_path / "agreements.csv", now=debitor.now)


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
def test_what_was_exported_is_imported_again_without_loss(
    debitor: DebitorTown, tmp_path: Path, name: str
) -> None:
    debitor.has_agreements(count=3)
    debitor.has_agreements(
        "0147", state="suspended", valid_to=date(2026, 12, 31), due_date=date(2026, 12, 1), priority=2
    )
    with reading(debitor.engine) as tx:
        before = list(agreements(tx, AgreementFilter(), reveal=True))
        assert write_rows(before, tmp_path / name) == 4
    with debitor.engine.begin() as tx:
        tx.execute(sa.delete(agreement))

    import_agreements(debitor.engine, tmp_path / name, now=debitor.now)

    with reading(debitor.engine) as tx:
        assert list(agreements(tx, AgreementFilter(), reveal=True)) == before
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_cpr_numbers_are_listed_masked_unless_asked(debitor: DebitorTown) -> None:
    debitor.has_agreements(count=2)

    with reading(debitor.engine) as tx:
        masked = list(agreements(tx, AgreementFilter(), reveal=False, limit=1))

    assert [row["cpr"] for row in masked] == ["610190****"]


def test_agreements_are_listed_by_municipality_state_and_number(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements("0101")
    debitor.has_agreements("0147", state="draft")

    def listed(**chosen: Any) -> int:
        with reading(debitor.engine) as tx:
            return count_agreements(tx, AgreementFilter(**chosen))

    assert listed(municipality=MunicipalityCode("0101")) == 1
    assert listed(state=AgreementState.DRAFT) == 1
    assert listed(agreement_number=number) == 1
    assert listed(agreement_number=number, state=AgreementState.DRAFT) == 0


@pytest.mark.parametrize("line", ['2,"6101901234,101', "2,6101901234,10\r1", "{" * 5_000])
def test_a_hostile_line_is_an_error_of_that_line(debitor: DebitorTown, tmp_path: Path, line: str) -> None:
    path = tmp_path / "agreements.csv"
    path.write_bytes(f"{HEADER}\n{line}\n{GOOD}".encode())
    assert errors(debitor, path) == [("line-unreadable", 2, None)]


def test_json_without_end_is_an_error_of_its_line(debitor: DebitorTown, tmp_path: Path) -> None:
    path = tmp_path / "agreements.jsonl"
    path.write_text('{"cpr": ' + "[" * 20_000 + "\n")

    assert errors(debitor, path) == [("line-unreadable", 1, None)]


def test_a_list_without_header_gives_no_person_away(debitor: DebitorTown, tmp_path: Path) -> None:
    path = csv_file(tmp_path, header="6101901234,6101901234,Karen Hansen,610190-1234")

    with pytest.raises(AgreementsRefused) as refused:
        import_agreements(debitor.engine, path, now=debitor.now)

    told = str(refused.value) + "".join(f"{each} {each.where}" for each in refused.value.findings)
    assert "[field 3]" in told
    assert not any(word in told for word in ("Karen", "Hansen", "1234", "610190"))
