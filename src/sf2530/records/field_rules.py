"""What a correct field is: for every type, which bytes it may hold and what they mean, one at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sf2530.denmark import cpr
from sf2530.records.checks import Code
from sf2530.records.layout import Encoding, Field, FieldType, Role

Value = str | int | date | None
"""What a field means: text of digits, codes and times; whole numbers and øre; dates, None for no date."""

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""A year outside is a misprint. There is no "31-12-9999": an open date is zeros."""

DIGITS = b"0123456789"
CODE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+- "
_ASCII = bytes(range(0x20, 0x7F))
PRINTABLE: Mapping[Encoding, bytes] = {
    Encoding.ASCII: _ASCII,
    # without the no-break space (A0) and the soft hyphen (AD), which nobody can see
    Encoding.LATIN_1: _ASCII + bytes(range(0xA1, 0xAD)) + bytes(range(0xAE, 0x100)),
}

_NO_DATE = b"00000000"
_TIME = re.compile(rb"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a field is wrong, and the offset of the byte in it that shows it, if one does."""

    code: Code
    offset: int | None = None


def fault_in(field: Field, raw: bytes, encoding: Encoding) -> Fault | None:
    """Find what is wrong with the bytes of one field; None if nothing is."""
    if field.may_be_blank and not raw.strip(b" "):
        return None
    if field.constant is not None:
        return None if raw == padded(field.constant, field) else Fault(_code_of_constant(field))
    fault = _FAULTS[field.type](raw, encoding)
    if fault is not None:
        return fault
    if field.required and is_empty(field, raw):
        return Fault(Code.MISSING)
    if field.values and all(raw != padded(value, field) for value in field.values):
        return Fault(Code.SIGN if field.type is FieldType.SIGN else Code.VALUE_UNKNOWN)
    return None


def value_of(field: Field, raw: bytes) -> Value:
    """Give the value of a field without fault. Amounts without their sign."""
    text = raw.decode("latin-1")
    match field.type:
        case FieldType.NUMBER | FieldType.ORE:
            return None if text.isspace() else int(text)
        case FieldType.DATE:
            return None if raw == _NO_DATE else date(int(raw[:4]), int(raw[4:6]), int(raw[6:]))
        case FieldType.CODE | FieldType.TEXT:
            return text.rstrip(" ")
        case _:
            return text


def is_empty(field: Field, raw: bytes) -> bool:
    """Say whether a field without fault holds nothing: blanks, or zeros where zeros are none."""
    if field.type in {FieldType.DIGITS, FieldType.CPR, FieldType.DATE}:
        return not raw.strip(b"0")
    return field.type in {FieldType.CODE, FieldType.TEXT} and not raw.strip(b" ")


def padded(text: str, field: Field) -> bytes:
    """Give a constant or listed value as it stands in the file."""
    return text.encode("ascii").ljust(field.length)


def _code_of_constant(field: Field) -> Code:
    by_role = {Role.FILE_TYPE: Code.FILE_TYPE, Role.LAYOUT_VERSION: Code.LAYOUT_VERSION}
    if field.type is FieldType.SIGN:
        return Code.SIGN
    return Code.CONSTANT if field.role is None else by_role.get(field.role, Code.CONSTANT)


def _first_outside(raw: bytes, allowed: bytes) -> int | None:
    others = raw.translate(None, allowed)
    return raw.index(others[:1]) if others else None


def _digits(raw: bytes, _encoding: Encoding) -> Fault | None:
    offset = _first_outside(raw, DIGITS)
    return None if offset is None else Fault(Code.NOT_DIGITS, offset)


def _cpr(raw: bytes, encoding: Encoding) -> Fault | None:
    if fault := _digits(raw, encoding):
        return fault
    try:
        cpr.parse(raw.decode("ascii"))
    except cpr.CprError:
        return Fault(Code.CPR)
    return None


def _date(raw: bytes, encoding: Encoding) -> Fault | None:
    if fault := _digits(raw, encoding):
        return fault
    if raw == _NO_DATE:
        return None
    year, month, day = int(raw[:4]), int(raw[4:6]), int(raw[6:])
    try:
        date(year, month, day)
    except ValueError:
        return Fault(Code.DATE)
    return None if FIRST_YEAR <= year <= LAST_YEAR else Fault(Code.DATE)


def _time(raw: bytes, encoding: Encoding) -> Fault | None:
    if fault := _digits(raw, encoding):
        return fault
    return None if _TIME.fullmatch(raw) else Fault(Code.TIME)


def _sign(raw: bytes, _encoding: Encoding) -> Fault | None:
    return None if raw in {b"+", b"-"} else Fault(Code.SIGN)


def _code(raw: bytes, _encoding: Encoding) -> Fault | None:
    offset = _first_outside(raw, CODE)
    if offset is not None:
        return Fault(Code.NOT_CODE, offset)
    written = raw.rstrip(b" ")
    if written.startswith(b" "):
        return Fault(Code.NOT_LEFT_ALIGNED, 0)
    return Fault(Code.BLANK_INSIDE, written.index(b" ")) if b" " in written else None


def _text(raw: bytes, encoding: Encoding) -> Fault | None:
    offset = _first_outside(raw, PRINTABLE[encoding])
    if offset is not None:
        return Fault(Code.NOT_PRINTABLE, offset)
    return Fault(Code.NOT_LEFT_ALIGNED, 0) if raw[:1] == b" " and raw.strip(b" ") else None


def _filler(raw: bytes, _encoding: Encoding) -> Fault | None:
    offset = _first_outside(raw, b" ")
    return None if offset is None else Fault(Code.NOT_BLANK, offset)


_FAULTS: Mapping[FieldType, Callable[[bytes, Encoding], Fault | None]] = {
    FieldType.DIGITS: _digits,
    FieldType.NUMBER: _digits,
    FieldType.ORE: _digits,
    FieldType.CPR: _cpr,
    FieldType.DATE: _date,
    FieldType.TIME: _time,
    FieldType.SIGN: _sign,
    FieldType.CODE: _code,
    FieldType.TEXT: _text,
    FieldType.FILLER: _filler,
}
