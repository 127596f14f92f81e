"""What a layout is: record types and their fields, as a layout file gives them. Bytes count from 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class FileKind(StrEnum):
    """The four files of an exchange."""

    INQUIRY = "inquiry"
    ANSWER = "answer"
    REJECT = "reject"
    REPORT = "report"


class FieldType(StrEnum):
    """How the bytes of a field are written, and so what its value is."""

    DIGITS = "digits"
    """Digits that are an identifier: text, leading zeros kept."""
    CPR = "cpr"
    """Ten digits that begin with a date of birth, as text. Modulus 11 is never asked for."""
    NUMBER = "number"
    """A whole number, zero-filled from the left."""
    ORE = "ore"
    """Whole øre, zero-filled from the left; negative by its sign field only."""
    SIGN = "sign"
    """`+` or `-`, in a position of its own; folded into the amount it belongs to."""
    DATE = "date"
    """YYYYMMDD; eight zeros where there is none."""
    TIME = "time"
    """HHMMSS, as text."""
    CODE = "code"
    """A-Z, 0-9, `+` and `-`, without blanks inside; left-aligned, blank-filled."""
    TEXT = "text"
    """Printable characters of the layout's encoding; left-aligned, blank-filled."""
    FILLER = "filler"
    """Blanks. Holds no value."""


class Role(StrEnum):
    """What the codec itself uses a field for, whatever the layout calls it."""

    RECORD_TYPE = "record-type"
    MUNICIPALITY = "municipality"
    LINE_NUMBER = "line-number"
    FILE_TYPE = "file-type"
    LAYOUT_VERSION = "layout-version"
    DELIVERY_ID = "delivery-id"
    REFERENCE = "reference"
    VALUE_DATE = "value-date"
    RECORD_COUNT = "record-count"
    SUM = "sum"
    """The øre sum of a field of the data records, named in `of`; without `of` it is always zero."""
    HASH_TOTAL = "hash-total"
    """The identifiers named in `of`, added up modulo 10 to the length of this field."""


SAME_ON_EVERY_RECORD = (Role.MUNICIPALITY, Role.DELIVERY_ID, Role.VALUE_DATE)
"""What these fields hold in the first record that has them, they hold in every other."""


class Part(StrEnum):
    """Where in a file a record type stands."""

    START = "start"
    DATA = "data"
    END = "end"


class LineEnd(StrEnum):
    """What ends every record, outside its length."""

    CRLF = "CRLF"
    LF = "LF"

    @property
    def bytes(self) -> bytes:
        """The line end itself."""
        return b"\r\n" if self is LineEnd.CRLF else b"\n"


class Encoding(StrEnum):
    """Which characters a `text` field may hold. Every other field is ASCII anyway."""

    ASCII = "ascii"
    LATIN_1 = "iso-8859-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a record type.

    `constant` is the only value it may hold ("" for blanks), `values` the only ones; `default` is what is
    written where the writer gives nothing. `required` refuses blanks, and zeros in dates and identifiers.
    `may_be_blank` lets a number be left out (None). `sign` names the field with an amount's sign.
    `of` names the field that a sum or hash total adds up. `label` is what the official description
    calls the field, where `name`, by which code knows it, is another.
    """

    name: str
    first: int
    length: int
    type: FieldType
    meaning: str
    label: str = ""
    required: bool = False
    may_be_blank: bool = False
    personal: bool = False
    constant: str | None = None
    values: tuple[str, ...] = ()
    default: str | None = None
    sign: str | None = None
    role: Role | None = None
    of: str | None = None

    @property
    def last(self) -> int:
        """The field's last byte, counted from 1."""
        return self.first + self.length - 1

    @property
    def shown_name(self) -> str:
        """The name that people know the field by."""
        return self.label or self.name

    @property
    def holds_value(self) -> bool:
        """Whether the field is a value of its own: a filler is none, and a sign belongs to its amount."""
        return self.type not in {FieldType.FILLER, FieldType.SIGN}

    def cut(self, record: bytes) -> bytes:
        """Take the field's bytes out of a record."""
        return record[self.first - 1 : self.last]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordType:
    """One record type. `code` is how code and columns name it; in the file it is the record-type constant."""

    code: str
    part: Part
    title: str
    fields: tuple[Field, ...]
    once: bool = False

    def field(self, name: str) -> Field:
        """Find a field by its name; KeyError if there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def with_role(self, role: Role) -> Field | None:
        """Find the first field with `role`."""
        return next((field for field in self.fields if field.role is role), None)

    @property
    def values(self) -> tuple[Field, ...]:
        """The fields that hold a value, in the order of the record."""
        return tuple(field for field in self.fields if field.holds_value)

    @property
    def holds_personal_data(self) -> bool:
        """Whether any field is personal."""
        return any(field.personal for field in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """One kind of file: all its record types, all of one length.

    `profile` is "standard" (with start and end record) or "bare" (data records only); `provenance` says
    whose layout it is. Compared by identity, so that what follows from a layout is looked up in no time.
    """

    id: str
    kind: FileKind
    profile: str
    version: str
    title: str
    provenance: str
    encoding: Encoding
    record_length: int
    line_end: LineEnd
    records: tuple[RecordType, ...]

    def record(self, code: str) -> RecordType:
        """Find a record type by its code; KeyError if there is none."""
        for record in self.records:
            if record.code == code:
                return record
        raise KeyError(code)

    @property
    def start(self) -> RecordType | None:
        """The start record, where the profile has one."""
        return next((record for record in self.records if record.part is Part.START), None)

    @property
    def end(self) -> RecordType | None:
        """The end record, where the profile has one."""
        return next((record for record in self.records if record.part is Part.END), None)

    @property
    def data(self) -> tuple[RecordType, ...]:
        """The record types between start and end."""
        return tuple(record for record in self.records if record.part is Part.DATA)

    @property
    def line_length(self) -> int:
        """Bytes from one record to the next: the record and its line end."""
        return self.record_length + len(self.line_end.bytes)

    def by_marker(self) -> Mapping[bytes, RecordType]:
        """Give the record types by what stands in their record-type field.

        A layout without that field has one record type, found under b"".
        """
        return {marker(record): record for record in self.records}


def marker(record: RecordType) -> bytes:
    """Give the bytes by which a record type is known in the file; b"" if it has none."""
    field = record.with_role(Role.RECORD_TYPE)
    return b"" if field is None or field.constant is None else field.constant.encode("ascii")
