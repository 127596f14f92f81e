"""Show a wrong value without giving away whom it is about. Nothing else may show bytes of a file."""

from __future__ import annotations

import re

from sf2530.denmark import cpr
from sf2530.language import _
from sf2530.records.layout import Field, FileKind, Part, RecordType
from sf2530.records.naming import run_of_delivery

UNPRINTABLE = "·"
_ENOUGH_FOR_A_PERSON = 6
"""So many digits can be most of a CPR number that a shifted record put into another field."""
_DIGITS_SHOWN = 4
_DIGIT = re.compile(r"\d", re.ASCII)
_MAYBE_CPR = re.compile(r"\d{6}[- ]?\d{4}", re.ASCII)


def shown(record: RecordType, field: Field, raw: bytes) -> str:
    """Give the bytes of a wrong field in a form that anyone may see.

    A personal field is masked as a CPR number is. In a data record with a personal field, any other field
    that holds six digits or more shows its first four characters only, because what is wrong may be that
    the record is shifted. So does, in any other record, what may have a CPR number in it.
    """
    text = "".join(_character(byte) for byte in raw)
    if field.personal:
        return cpr.mask(text)
    about_a_person = record.part is Part.DATA and record.holds_personal_data
    if about_a_person and len(_DIGIT.findall(text)) >= _ENOUGH_FOR_A_PERSON:
        return _covered(text)
    return shown_text(text)


def shown_text(text: str) -> str:
    """Give a text that says of no field whose it is; covered where a CPR number may be in it.

    A delivery id of our form has twelve digits, but those are a municipality and a day.
    """
    if any(run_of_delivery(text.rstrip(" "), kind) for kind in FileKind):
        return text
    return _covered(text) if _MAYBE_CPR.search(text) else text


def shown_number(number: int) -> str:
    """Give a running number that is wrong; covered where it has the digits of a birth date."""
    return str(number) if number < 10 ** (_ENOUGH_FOR_A_PERSON - 1) else "*" * len(str(number))


def offending_byte(position: int, byte: int) -> str:
    """Say what kind of character stands at a position that it can't stand at; never which letter or digit."""
    if byte in b" ":
        return _("byte %(position)d is a blank") % {"position": position}
    if chr(byte).isascii() and chr(byte).isalpha():
        return _("byte %(position)d is a letter") % {"position": position}
    if byte in b"0123456789":
        return _("byte %(position)d is a digit") % {"position": position}
    return _("byte %(position)d is 0x%(byte)02X") % {"position": position, "byte": byte}


def _covered(text: str) -> str:
    return text[:_DIGITS_SHOWN] + "*" * (len(text) - _DIGITS_SHOWN)


def _character(byte: int) -> str:
    return chr(byte) if 0x20 <= byte <= 0x7E else UNPRINTABLE  # noqa: PLR2004  the printable part of ASCII
