"""A payments list is read whole: every error at once, and nothing repaired."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.ky.payment_files import read_payments
from sf2530.ky.payment_rows import FIELDS, PaymentRow
from sf2530.records.findings import FindingLog

GOOD = {
    "payment_reference": "P-1",
    "cpr": "6101901234",
    "benefit_code": "KTH",
    "period_from": "2026-11-01",
    "period_to": "2026-11-30",
    "gross_ore": "1500000",
    "deductions_ore": "300000",
    "net_ore": "1200000",
}


def read(content: str | bytes) -> tuple[list[PaymentRow], FindingLog]:
    log = FindingLog()
    data = content.encode() if isinstance(content, str) else content
    return read_payments(io.BytesIO(data), name="list.csv", benefits={"KTH", "LED"}, log=log), log


def csv(*rows: dict[str, str], delimiter: str = ",") -> str:
    lines = [delimiter.join(FIELDS), *(delimiter.join(row[name] for name in FIELDS) for row in rows)]
    return "\n".join(lines) + "\n"


def codes(log: FindingLog) -> list[str]:
    return [finding.code for finding in log.kept]


def test_a_csv_row_is_a_payment_in_whole_ore() -> None:
    (payment,), log = read(csv(GOOD))

    assert codes(log) == []
    assert payment.net_ore == 12_000_00
    assert payment.period_to == date(2026, 11, 30)
    assert payment.cpr == "6101901234"


def test_semicolons_crlf_and_a_byte_order_mark_are_read_as_spreadsheets_write_them() -> None:
    content = csv(GOOD, delimiter=";").replace("\n", "\r\n")

    payments, log = read(b"\xef\xbb\xbf" + content.encode())

    assert codes(log) == []
    assert len(payments) == 1


def test_json_lines_are_told_from_csv_by_themselves() -> None:
    row = GOOD | {name: int(GOOD[name]) for name in ("gross_ore", "deductions_ore", "net_ore")}

    payments, log = read(json.dumps(row) + "\n\n" + json.dumps(row | {"payment_reference": "P-2"}))

    assert codes(log) == []
    assert [payment.payment_reference for payment in payments] == ["P-1", "P-2"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payment_reference", ""),
        ("payment_reference", "P 1"),
        ("payment_reference", "p-1"),
        ("payment_reference", "P" * 21),
        ("cpr", "610190123"),
        ("cpr", "610190-1234"),
        ("cpr", "6113901234"),
        ("period_from", "01-11-2026"),
        ("period_to", "2026-11-31"),
        ("gross_ore", "15.000,00"),
        ("gross_ore", "1_5"),
        ("gross_ore", "+15"),
        ("net_ore", "１２"),
        ("net_ore", "1.0"),
    ],
)
def test_a_field_of_another_form_is_found_and_never_repaired(field: str, value: str) -> None:
    payments, log = read(csv(GOOD | {field: value}, delimiter=";"))

    assert payments == []
    assert codes(log) == ["payment-field-wrong"]
    assert log.kept[0].where.line == 2
    assert log.kept[0].where.field == field


def test_every_error_of_the_whole_list_is_told_at_once() -> None:
    wrong = GOOD | {"cpr": "1", "net_ore": "x", "benefit_code": "ZZZ"}
    net_wrong = GOOD | {"payment_reference": "P-2", "net_ore": "1"}
    reversed_period = GOOD | {"payment_reference": "P-3", "period_from": "2026-12-01"}

    _payments, log = read(csv(wrong, GOOD, GOOD, net_wrong, reversed_period) + "a,b\n")

    assert codes(log) == [
        "payment-field-wrong",
        "payment-field-wrong",
        "payment-benefit-unknown",
        "payment-reference-repeated",
        "payment-net-wrong",
        "payment-period-reversed",
        "line-unreadable",
    ]
    assert [finding.where.line for finding in log.kept] == [2, 2, 2, 4, 5, 6, 7]


@pytest.mark.parametrize("content", ["", "cpr,net_ore\n", csv(GOOD).replace("cpr", "pnr")])
def test_a_list_without_its_header_is_refused(content: str) -> None:
    payments, log = read(content)

    assert (payments, codes(log)) == ([], ["payment-header-wrong"])


@pytest.mark.parametrize("line", ["{", "[1]", '"x"', "{" * 5_000])
def test_a_line_that_is_no_json_object_is_found(line: str) -> None:
    _payments, log = read(json.dumps(GOOD) + "\n" + line + "\n")

    assert codes(log) == ["line-unreadable"]


def test_a_json_line_with_the_fields_of_something_else_is_found() -> None:
    _payments, log = read(json.dumps(GOOD) + '\n{"cpr": 1}\n')

    assert codes(log) == ["payment-line-wrong"]


def test_a_stray_quotation_mark_costs_its_own_line_only() -> None:
    good = csv(GOOD, GOOD | {"payment_reference": "P-2"})

    payments, log = read(good.replace("P-1", '"P-1'))

    assert [payment.payment_reference for payment in payments] == ["P-2"]
    assert [(finding.code, finding.where.line) for finding in log.kept] == [("line-unreadable", 2)]


def test_negative_and_zero_nets_are_payments_too() -> None:
    negative = GOOD | {"gross_ore": "-100", "deductions_ore": "0", "net_ore": "-100"}

    (payment,), log = read(csv(negative))

    assert codes(log) == []
    assert payment.net_ore == -100


@given(st.sampled_from(FIELDS), st.text(max_size=30))
def test_no_cpr_number_is_repeated_in_a_finding(field: str, text: str) -> None:
    row = GOOD | {field: text + "6101901234"}

    _payments, log = read(json.dumps(row))

    assert not any("6101901234" in str(finding) + finding.rule + finding.remedy for finding in log.kept)
