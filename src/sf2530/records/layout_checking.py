"""Check a layout file: positions, types, and whether it has all that the code needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib.resources.abc import Traversable
from itertools import pairwise

from sf2530.language import _
from sf2530.records.findings import Finding, Place, Severity
from sf2530.records.layout import (
    Field,
    FieldType,
    FileKind,
    Layout,
    Part,
    RecordType,
    Role,
    marker,
)
from sf2530.records.layout_shape import build, check_shape
from sf2530.records.layout_toml import Raw, read

LONGEST_NUMBER = 18
"""Digits that always fit a signed 64-bit integer."""

_FIXED_LENGTHS = {FieldType.CPR: 10, FieldType.SIGN: 1, FieldType.DATE: 8, FieldType.TIME: 6}
_NUMERIC = frozenset({FieldType.NUMBER, FieldType.ORE})
_IDENTIFIERS = frozenset({FieldType.DIGITS, FieldType.CPR})

NEEDED_NAMES: Mapping[FileKind, Mapping[str, tuple[str, ...]]] = {
    FileKind.INQUIRY: {
        "010": ("FORESPID", "KOERSELSDATO", "DISPOSITIONSDATO", "PERIODE_FRA", "PERIODE_TIL", "KOERSELSTYPE")
    },
    FileKind.ANSWER: {
        "020": (
            *("PNR", "AFTALENR", "AFTALETYPE", "PRIORITET", "MDRBELOEB", "GYLDIG_FRA", "GYLDIG_TIL"),
            *("FORFALDSDATO", "ANTAL_BIDRAG", "KRAVREF", "AFTALESTATUS", "FORVENTET_MRK", "FORVENTET_DATO"),
        )
    },
    FileKind.REJECT: {
        "910": ("FEJLKODE", "FEJL_LINJE", "FEJL_FRA", "FEJL_TIL", "FEJL_FELT", "FEJL_ANTAL", "FEJL_TEKST")
    },
    FileKind.REPORT: {
        "030": (
            *("PNR", "AFTALENR", "AFTALT_BELOEB", "TILBAGEHOLDT_BELOEB", "DISPOSITIONSDATO", "PERIODE_FRA"),
            *("PERIODE_TIL", "YDELSESKODE", "AARSAGSKODE", "BETALINGSREF"),
        )
    },
}
"""The record types and fields that the parties ask for by name. A field that the official description
calls something else keeps this name here, and says the official one in `label`."""

NEEDED_ROLES: Mapping[Part, tuple[Role, ...]] = {
    Part.START: (Role.MUNICIPALITY, Role.DELIVERY_ID, Role.REFERENCE, Role.VALUE_DATE),
    Part.DATA: (Role.MUNICIPALITY,),
    Part.END: (Role.RECORD_COUNT,),
}
"""What the codec needs in every record of that part, whatever the field is called."""

_TYPES_OF_ROLES: Mapping[Role, frozenset[FieldType]] = {
    Role.RECORD_TYPE: frozenset({FieldType.DIGITS, FieldType.CODE}),
    Role.MUNICIPALITY: frozenset({FieldType.DIGITS}),
    Role.LINE_NUMBER: frozenset({FieldType.NUMBER}),
    Role.VALUE_DATE: frozenset({FieldType.DATE}),
    Role.RECORD_COUNT: frozenset({FieldType.NUMBER}),
    Role.SUM: frozenset({FieldType.ORE}),
    Role.HASH_TOTAL: frozenset({FieldType.NUMBER}),
}


class LayoutCode(StrEnum):
    """What can be wrong in a layout file of the right shape."""

    RECORDS = "layout-records"
    MARKER = "layout-marker"
    OVERLAP = "layout-overlap"
    GAP = "layout-gap"
    LENGTH = "layout-length"
    NAME_REPEATED = "layout-name-repeated"
    FIELD_LENGTH = "layout-field-length"
    SIGN = "layout-sign"
    VALUE_DOES_NOT_FIT = "layout-value-does-not-fit"
    BLANK_NUMBER = "layout-blank-number"
    PERSONAL = "layout-personal"
    ROLE_TYPE = "layout-role-type"
    OF_UNKNOWN = "layout-of-unknown"
    NAME_MISSING = "layout-name-missing"
    ROLE_MISSING = "layout-role-missing"


def check_file(file: Traversable) -> tuple[Finding, ...]:
    """Find all that is wrong in a layout file. Raises LayoutUnreadable if it is no readable TOML."""
    return check_raw(read(file), name=file.name)


def check_raw(raw: Raw, *, name: str) -> tuple[Finding, ...]:
    """Find all that is wrong in the TOML of a layout: its shape, and if that is right its content."""
    return check_shape(raw, name=name) or check_layout(build(raw), name=name)


def check_layout(layout: Layout, *, name: str) -> tuple[Finding, ...]:
    """Find what can't be in a layout, or is missing from it."""
    return tuple(_in_layout(layout, Place(file=name)))


def _in_layout(layout: Layout, place: Place) -> Iterator[Finding]:
    yield from _parts(layout, place)
    yield from _markers(layout, place)
    for record in layout.records:
        at = Place(file=place.file, record=record.code)
        yield from _positions(record, at, record_length=layout.record_length)
        yield from _names(record, at)
        yield from _roles(layout, record, at)
        for field in record.fields:
            yield from _field(record, field, Place(file=at.file, record=at.record, field=field.name))
    yield from _needed_names(layout, place)


def _parts(layout: Layout, place: Place) -> Iterator[Finding]:
    counts = {part: sum(record.part is part for record in layout.records) for part in Part}
    if counts[Part.START] > 1 or counts[Part.END] > 1 or counts[Part.DATA] == 0:
        yield _wrong(
            LayoutCode.RECORDS,
            _("The record types don't make a file: %(start)d start, %(data)d data, %(end)d end")
            % {part.value: count for part, count in counts.items()},
            place,
            _("At most one start and one end record type, and at least one between them."),
        )


def _markers(layout: Layout, place: Place) -> Iterator[Finding]:
    where = {
        (field.first, field.length) if (field := record.with_role(Role.RECORD_TYPE)) else None
        for record in layout.records
    }
    distinct = {marker(record) for record in layout.records}
    if len(where) > 1 or len(distinct) < len(layout.records) or (len(layout.records) > 1 and b"" in distinct):
        yield _wrong(
            LayoutCode.MARKER,
            _("The record types can't be told apart"),
            place,
            _("Each has a field with the role record-type at the same place, with a constant of its own."),
        )


def _positions(record: RecordType, place: Place, *, record_length: int) -> Iterator[Finding]:
    fields = sorted(record.fields, key=lambda field: field.first)
    for before, after in pairwise(fields):
        if after.first <= before.last:
            yield _between(LayoutCode.OVERLAP, before, after, place)
        elif after.first > before.last + 1:
            yield _between(LayoutCode.GAP, before, after, place)
    if fields[0].first != 1 or max(field.last for field in fields) != record_length:
        yield _wrong(
            LayoutCode.LENGTH,
            _("The fields cover bytes %(first)d to %(last)d")
            % {"first": fields[0].first, "last": max(field.last for field in fields)},
            place,
            _("The fields cover bytes 1 to %(length)d, the record length.") % {"length": record_length},
        )


def _between(code: LayoutCode, before: Field, after: Field, place: Place) -> Finding:
    what = (
        _("%(before)s ends at byte %(last)d, and %(after)s begins at byte %(first)d already")
        if code is LayoutCode.OVERLAP
        else _("%(before)s ends at byte %(last)d, but %(after)s begins at byte %(first)d only")
    )
    return _wrong(
        code,
        what % {"before": before.name, "last": before.last, "after": after.name, "first": after.first},
        place,
        _("Every byte belongs to exactly one field; bytes that mean nothing are a filler."),
    )


def _names(record: RecordType, place: Place) -> Iterator[Finding]:
    names = [field.name for field in record.fields if field.type is not FieldType.FILLER]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield _wrong(
            LayoutCode.NAME_REPEATED,
            _("The record has %(name)s more than once") % {"name": name},
            place,
            _("Every field but a filler has a name of its own within the record."),
        )


def _roles(layout: Layout, record: RecordType, place: Place) -> Iterator[Finding]:
    for role in NEEDED_ROLES[record.part]:
        if record.with_role(role) is None:
            yield _wrong(
                LayoutCode.ROLE_MISSING,
                _("No field has the role %(role)s") % {"role": role.value},
                place,
                _("The code needs it in every %(part)s record.") % {"part": record.part.value},
            )
    for field in record.fields:
        if field.of is not None and not _adds_up(layout, field):
            yield _wrong(
                LayoutCode.OF_UNKNOWN,
                _("%(field)s adds up %(of)s, which no data record has in that form")
                % {"field": field.name, "of": field.of},
                place,
                _("A sum is of an øre field, a hash total of a field of digits."),
            )


def _adds_up(layout: Layout, field: Field) -> bool:
    wanted = _IDENTIFIERS if field.role is Role.HASH_TOTAL else frozenset({FieldType.ORE})
    found = [one for record in layout.data for one in record.fields if one.name == field.of]
    return bool(found) and all(one.type in wanted and one.length <= LONGEST_NUMBER for one in found)


def _field(record: RecordType, field: Field, place: Place) -> Iterator[Finding]:
    yield from _field_length(field, place)
    yield from _field_values(field, place)
    yield from _field_sign(record, field, place)
    if field.role is not None and field.type not in _TYPES_OF_ROLES.get(field.role, FieldType):
        allowed = ", ".join(sorted(_TYPES_OF_ROLES[field.role]))
        yield _wrong(
            LayoutCode.ROLE_TYPE,
            _("A field of type %(type)s can't be the %(role)s")
            % {"type": field.type.value, "role": field.role.value},
            place,
            _("That role needs one of these types: %(types)s.") % {"types": allowed},
        )
    if field.may_be_blank and (field.type is not FieldType.NUMBER or record.part is Part.DATA):
        yield _wrong(
            LayoutCode.BLANK_NUMBER,
            _("This field can't be left blank"),
            place,
            _("Only a number in a start or end record can be left blank."),
        )
    if field.type is FieldType.CPR and not field.personal:
        yield _wrong(
            LayoutCode.PERSONAL,
            _("A CPR number is not marked as personal"),
            place,
            _("Every field that can show who is meant says `personal = true`."),
        )


def _field_length(field: Field, place: Place) -> Iterator[Finding]:
    fixed = _FIXED_LENGTHS.get(field.type)
    if (fixed and field.length != fixed) or (field.type in _NUMERIC and field.length > LONGEST_NUMBER):
        yield _wrong(
            LayoutCode.FIELD_LENGTH,
            _("A field of type %(type)s can't be %(length)d bytes long")
            % {"type": field.type.value, "length": field.length},
            place,
            _("It has %(length)d bytes.") % {"length": fixed}
            if fixed
            else _("It has %(length)d bytes at most.") % {"length": LONGEST_NUMBER},
        )


def _field_values(field: Field, place: Place) -> Iterator[Finding]:
    given = [*field.values, *([] if field.constant is None else [field.constant])]
    given += [] if field.default is None else [field.default]
    for value in given:
        exact = field.type not in {FieldType.CODE, FieldType.TEXT}
        if not value.isascii() or len(value) > field.length or (exact and len(value) != field.length):
            yield _wrong(
                LayoutCode.VALUE_DOES_NOT_FIT,
                _("The value %(value)s does not fit the field") % {"value": repr(value)},
                place,
                _("ASCII; exactly %(length)d characters, in a code or text at most.")
                % {"length": field.length},
            )


def _field_sign(record: RecordType, field: Field, place: Place) -> Iterator[Finding]:
    signs = {one.name for one in record.fields if one.type is FieldType.SIGN}
    if field.sign is not None and (field.type is not FieldType.ORE or field.sign not in signs):
        yield _wrong(
            LayoutCode.SIGN,
            _("%(sign)s is no sign field that this field can use") % {"sign": field.sign},
            place,
            _("An amount names a field of type sign in the same record."),
        )
    if field.type is FieldType.SIGN and field.name not in {one.sign for one in record.fields}:
        yield _wrong(
            LayoutCode.SIGN,
            _("No amount uses this sign"),
            place,
            _("Every sign field is named in the `sign` of an amount."),
        )


def _needed_names(layout: Layout, place: Place) -> Iterator[Finding]:
    for code, names in NEEDED_NAMES[layout.kind].items():
        record = next((one for one in layout.records if one.code == code), None)
        has = {field.name for field in record.fields} if record else set()
        for name in names:
            if name not in has:
                yield _wrong(
                    LayoutCode.NAME_MISSING,
                    _("%(record)s has no field %(name)s, which the code asks for")
                    % {"record": code, "name": name},
                    Place(file=place.file, record=code, field=name),
                    _("Give the field this name, and what the official description calls it as `label`."),
                )


def _wrong(code: LayoutCode, what: str, place: Place, rule: str) -> Finding:
    return Finding(
        code=code,
        severity=Severity.ERROR,
        what=what,
        where=place,
        rule=rule,
        remedy=_("Correct the layout file, and check it again."),
    )
