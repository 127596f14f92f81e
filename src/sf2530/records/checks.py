"""The catalogue of checks: every code of a finding, whether it refuses the file, the rule, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from sf2530.language import _
from sf2530.records.findings import Finding, Place, Severity


class Code(StrEnum):
    """What can be wrong in a file. Stable: counterparts get these codes in reject answers."""

    FILE_EMPTY = "file-empty"
    BYTE_ORDER_MARK = "byte-order-mark"
    LINE_END = "line-end-differs"
    LAST_LINE_END_MISSING = "last-line-end-missing"
    RECORD_LENGTH = "record-length"
    RECORD_TYPE_UNKNOWN = "record-type-unknown"
    START_MISSING = "start-record-missing"
    START_MISPLACED = "start-record-misplaced"
    END_MISSING = "end-record-missing"
    END_REPEATED = "end-record-repeated"
    LINES_AFTER_END = "lines-after-end"
    NOT_ONCE = "record-not-once"
    FILE_TYPE = "file-type-wrong"
    LAYOUT_VERSION = "layout-version-unknown"
    CONSTANT = "constant-wrong"
    NOT_DIGITS = "field-not-digits"
    NOT_CODE = "field-not-code"
    NOT_PRINTABLE = "field-not-printable"
    NOT_LEFT_ALIGNED = "field-not-left-aligned"
    BLANK_INSIDE = "field-blank-inside"
    NOT_BLANK = "filler-not-blank"
    MISSING = "field-missing"
    SIGN = "sign-wrong"
    NEGATIVE_ZERO = "negative-zero"
    VALUE_UNKNOWN = "value-unknown"
    DATE = "date-wrong"
    TIME = "time-wrong"
    CPR = "cpr-wrong"
    MUNICIPALITY_UNKNOWN = "municipality-unknown"
    MUNICIPALITY_DIFFERS = "municipality-differs"
    DELIVERY_ID_DIFFERS = "delivery-id-differs"
    VALUE_DATE_DIFFERS = "value-date-differs"
    LINE_NUMBER = "line-number-wrong"
    COUNT = "record-count-wrong"
    SUM = "sum-wrong"
    HASH_TOTAL = "hash-total-wrong"
    HASH_TOTAL_ABSENT = "hash-total-absent"
    MUNICIPALITY_NOT_EXPECTED = "municipality-not-expected"
    REFERENCE_NOT_EXPECTED = "reference-not-expected"
    VALUE_DATE_NOT_EXPECTED = "value-date-not-expected"
    VALUE_ABSENT = "value-absent"
    VALUE_DOES_NOT_FIT = "value-does-not-fit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What stands behind a code. `short` is the text in a reject answer: capitals, ASCII, 38 characters."""

    severity: Severity
    short: str
    rule: str
    remedy: str


def finding(code: Code, what: str, where: Place, *, shown: str = "") -> Finding:
    """Make a finding; severity, rule and remedy come from the catalogue."""
    check = catalogue()[code]
    return Finding(
        code=code.value,
        severity=check.severity,
        what=what,
        where=where,
        shown=shown,
        rule=check.rule,
        remedy=check.remedy,
    )


@cache
def catalogue() -> Mapping[Code, Check]:
    """Give the check behind every code, in the chosen language."""
    return {
        **_of_files(),
        **_of_envelopes(),
        **_of_constants(),
        **_of_characters(),
        **_of_values(),
        **_of_agreement(),
        **_of_totals(),
        **_of_expectations(),
        **_of_writing(),
    }


def _error(short: str, rule: str, remedy: str) -> Check:
    return Check(severity=Severity.ERROR, short=short, rule=rule, remedy=remedy)


def _remark(short: str, rule: str, remedy: str) -> Check:
    return Check(severity=Severity.REMARK, short=short, rule=rule, remedy=remedy)


def _send_again() -> str:
    return _("Ask the sender to correct it and send the file again under a new delivery id.")


def _send_whole() -> str:
    return _("Ask the sender for the whole file, under a new delivery id.")


def _of_files() -> Mapping[Code, Check]:
    again, whole = _send_again(), _send_whole()
    return {
        Code.FILE_EMPTY: _error("FILEN ER TOM", _("A file has at least its start and end record."), whole),
        Code.BYTE_ORDER_MARK: _error(
            "FILEN BEGYNDER MED UTF-8 BOM",
            _("The first byte of a file is the first byte of its first record."),
            _("Ask the sender to write the file without a byte order mark."),
        ),
        Code.LINE_END: _remark(
            "LINJESKIFT ER ET ANDET",
            _("Records end with the line end of the layout; CRLF and LF are both read."),
            _("Nothing needs doing now; ask the sender to write the line end of the layout."),
        ),
        Code.LAST_LINE_END_MISSING: _remark(
            "SIDSTE LINJESKIFT MANGLER",
            _("The last record ends with a line end as all others do."),
            _("Nothing needs doing now; ask the sender to end the last line."),
        ),
        Code.RECORD_LENGTH: _error(
            "RECORDLAENGDE ER FORKERT", _("Every record has exactly the length of the layout."), again
        ),
        Code.RECORD_TYPE_UNKNOWN: _error(
            "RECORDTYPE ER UKENDT I DENNE FIL", _("A file holds only the record types of its layout."), again
        ),
    }


def _of_envelopes() -> Mapping[Code, Check]:
    again, whole = _send_again(), _send_whole()
    return {
        Code.START_MISSING: _error("STARTRECORD MANGLER", _("The first record is the start record."), whole),
        Code.START_MISPLACED: _error(
            "STARTRECORD STAAR FORKERT", _("There is one start record, and it is the first record."), again
        ),
        Code.END_MISSING: _error(
            "SLUTRECORD MANGLER",
            _("The last record is the end record: without it, a part may be lost."),
            whole,
        ),
        Code.END_REPEATED: _error(
            "MERE END EN SLUTRECORD", _("There is one end record, and it is the last record."), again
        ),
        Code.LINES_AFTER_END: _error("LINJER EFTER SLUTRECORD", _("Nothing follows the end record."), again),
        Code.NOT_ONCE: _error(
            "RECORDTYPE SKAL VAERE DER EN GANG", _("This record type is in the file exactly once."), again
        ),
    }


def _of_constants() -> Mapping[Code, Check]:
    again = _send_again()
    return {
        Code.FILE_TYPE: _error(
            "FILTYPE ER FORKERT",
            _("The start record names the kind of file that the layout is for."),
            _("Check whether another kind of file was sent under this name."),
        ),
        Code.LAYOUT_VERSION: _error(
            "LAYOUTVERSION ER UKENDT",
            _("The file is written in the version of the layout that it is read with."),
            _("Agree on the version with the sender, or put the layout file of that version in."),
        ),
        Code.CONSTANT: _error("FAST VAERDI ER FORKERT", _("This field always holds the same."), again),
    }


def _of_characters() -> Mapping[Code, Check]:
    again = _send_again()
    return {
        Code.NOT_DIGITS: _error(
            "FELT ER IKKE CIFRE", _("Digits only, zero-filled from the left; blanks are no number."), again
        ),
        Code.NOT_CODE: _error(
            "FELT HAR TEGN UDEN FOR A-Z 0-9 + -", _("A-Z, 0-9, + and - only, blank-filled."), again
        ),
        Code.NOT_PRINTABLE: _error(
            "FELT HAR TEGN DER IKKE KAN LAESES",
            _("Printable characters of the layout's encoding only; what does not decode is refused."),
            again,
        ),
        Code.NOT_LEFT_ALIGNED: _error(
            "FELT ER IKKE VENSTRESTILLET", _("Text begins at the first byte of its field."), again
        ),
        Code.BLANK_INSIDE: _error(
            "BLANKT TEGN INDE I FELTET", _("A code has blanks at its end only."), again
        ),
        Code.NOT_BLANK: _error("FILLER ER IKKE BLANK", _("A filler holds blanks."), again),
    }


def _of_values() -> Mapping[Code, Check]:
    again = _send_again()
    return {
        Code.MISSING: _error("FELT SKAL VAERE UDFYLDT", _("This field is required."), again),
        Code.SIGN: _error("FORTEGN ER FORKERT", _("A sign is + or -."), again),
        Code.NEGATIVE_ZERO: _remark(
            "NUL MED FORTEGN -",
            _("The sign of zero is +."),
            _("Nothing needs doing now; the amount is read as zero."),
        ),
        Code.VALUE_UNKNOWN: _error(
            "VAERDIEN ER IKKE I KODELISTEN",
            _("The field holds one of the values that the layout lists."),
            _("Check the value with the sender; a new value is added in the layout file."),
        ),
        Code.DATE: _error(
            "DATO FINDES IKKE",
            _("A date is a real day, 1900 to 2199, as YYYYMMDD; zeros where there is none."),
            again,
        ),
        Code.TIME: _error("KLOKKESLAET FINDES IKKE", _("A time is HHMMSS, 000000 to 235959."), again),
        Code.CPR: _error(
            "CPR-NUMMER ER FORKERT",
            _("Ten digits that begin with a date of birth, 60 added for test persons; never modulus 11."),
            again,
        ),
        Code.MUNICIPALITY_UNKNOWN: _error(
            "KOMMUNE FINDES IKKE", _("The municipality is one of the 98, in four digits."), again
        ),
    }


def _of_agreement() -> Mapping[Code, Check]:
    again = _send_again()
    return {
        Code.MUNICIPALITY_DIFFERS: _error(
            "KOMMUNE ER IKKE ENS I FILEN",
            _("A file is about one municipality, the same on every record."),
            again,
        ),
        Code.DELIVERY_ID_DIFFERS: _error(
            "LEVERANCEID ER IKKE ENS I FILEN", _("The delivery id is the same wherever it stands."), again
        ),
        Code.VALUE_DATE_DIFFERS: _error(
            "DISPOSITIONSDATO ER IKKE ENS I FILEN", _("The value date is the same wherever it stands."), again
        ),
        Code.LINE_NUMBER: _error(
            "LOEBENUMMER ER IKKE FORTLOEBENDE",
            _("The first line has number 1, every other the one after the line before."),
            _("A line may be lost or moved: ask the sender for the whole file, under a new delivery id."),
        ),
    }


def _of_totals() -> Mapping[Code, Check]:
    again = _send_again()
    return {
        Code.COUNT: _error(
            "ANTAL STEMMER IKKE", _("The end record's count is that of the data records in the file."), again
        ),
        Code.SUM: _error("SUM STEMMER IKKE", _("The end record's sums are those of the records."), again),
        Code.HASH_TOTAL: _error(
            "IDENTSUM STEMMER IKKE",
            _("The end record's hash total is that of the identifiers in the file."),
            again,
        ),
        Code.HASH_TOTAL_ABSENT: _remark(
            "IDENTSUM MANGLER",
            _("The hash total of the identifiers is an extension: read if it is there."),
            _("Nothing needs doing; identifiers are proven by count and sums only."),
        ),
    }


def _of_expectations() -> Mapping[Code, Check]:
    ours = _("Check whether the file belongs to another inquiry or was delivered to the wrong recipient.")
    return {
        Code.MUNICIPALITY_NOT_EXPECTED: _error(
            "KOMMUNE ER IKKE DEN VENTEDE",
            _("The file is about the municipality that it was expected from."),
            ours,
        ),
        Code.REFERENCE_NOT_EXPECTED: _error(
            "REFERENCE ER IKKE DEN VENTEDE", _("The file refers to the inquiry that it belongs to."), ours
        ),
        Code.VALUE_DATE_NOT_EXPECTED: _error(
            "DISPOSITIONSDATO IKKE DEN VENTEDE", _("The file has the value date of its payout run."), ours
        ),
    }


def _of_writing() -> Mapping[Code, Check]:
    return {
        Code.VALUE_ABSENT: _error(
            "VAERDI MANGLER",
            _("The writer gives a value for every field that has no default."),
            _("Give the value; the layout says what it means."),
        ),
        Code.VALUE_DOES_NOT_FIT: _error(
            "VAERDI PASSER IKKE I FELTET",
            _("A value has the type of its field and fits its length."),
            _("Correct the value at its source, before the file is made."),
        ),
    }
