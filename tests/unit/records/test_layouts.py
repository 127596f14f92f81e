"""Our own layouts are sound and say what the design says; a layout file that is not sound is told why."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sf2530.records.layout import Field, FieldType, FileKind, Layout, Role
from sf2530.records.layout_checking import check_file, check_raw
from sf2530.records.layout_files import LayoutRefused, Profile, chosen, default_layouts, layout, load
from sf2530.records.layout_toml import LayoutUnreadable, default_files, read

Raw = dict[str, Any]
Spoil = Callable[[Raw], object]


@pytest.mark.parametrize("name", default_files())
def test_our_own_layouts_are_sound(name: str) -> None:
    assert check_file(default_files()[name]) == ()


def test_there_is_a_layout_for_every_kind_of_file_with_and_without_envelope() -> None:
    assert {(one.kind, one.profile) for one in default_layouts()} == {
        (kind, profile) for kind in FileKind for profile in ("standard", "bare")
    }
    assert all(
        (one.start is None) == (one.profile == "bare") == (one.end is None) for one in default_layouts()
    )


def test_a_layout_file_stands_in_for_one_of_our_own(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('id = "own"\nextends = "answer"\ntitle = "Own"\n')

    layouts = chosen(Profile.BARE, {FileKind.ANSWER: own})

    assert layouts.pop(FileKind.ANSWER).id == "own"
    assert layouts == {kind: layout(kind, "bare") for kind in FileKind if kind is not FileKind.ANSWER}


@pytest.mark.parametrize("one", default_layouts(), ids=lambda one: one.id)
def test_every_record_is_128_bytes_and_says_that_it_is_ours(one: Layout) -> None:
    assert (one.record_length, one.line_end.bytes, one.line_length) == (128, b"\r\n", 130)
    assert "not KOMBIT's" in one.provenance
    for record in one.records:
        assert sum(field.length for field in record.fields) == 128
        assert all(field.meaning for field in record.fields)


@pytest.mark.parametrize(
    ("kind", "record", "name", "first", "last"),
    [
        (FileKind.ANSWER, "000", "LEVERANCEID", 41, 60),
        (FileKind.ANSWER, "000", "DISPOSITIONSDATO", 97, 104),
        (FileKind.INQUIRY, "010", "KOERSELSTYPE", 67, 68),
        (FileKind.ANSWER, "020", "PNR", 15, 24),
        (FileKind.ANSWER, "020", "MDRBELOEB", 42, 52),
        (FileKind.ANSWER, "020", "KRAVREF", 79, 98),
        (FileKind.ANSWER, "020", "FORVENTET_DATO", 101, 108),
        (FileKind.REPORT, "030", "TILBAGEHOLDT_BELOEB", 50, 60),
        (FileKind.REPORT, "030", "BETALINGSREF", 91, 110),
        (FileKind.REPORT, "999", "SUM2_BELOEB", 40, 54),
        (FileKind.REPORT, "999", "LEVERANCEID", 55, 74),
        (FileKind.REPORT, "999", "IDENTSUM", 75, 89),
        (FileKind.REJECT, "910", "FEJL_TEKST", 91, 128),
    ],
)
def test_fields_stand_where_the_design_puts_them(
    kind: FileKind, record: str, name: str, first: int, last: int
) -> None:
    field = layout(kind).record(record).field(name)

    assert (field.first, field.last) == (first, last)


def test_every_person_is_marked_as_personal() -> None:
    fields = [field for one in default_layouts() for record in one.records for field in record.fields]

    assert {field.name for field in fields if field.personal} == {"PNR", "IDENTSUM"}
    assert all(field.personal for field in fields if field.type is FieldType.CPR)


def test_the_bare_profile_has_the_same_data_records() -> None:
    for kind in FileKind:
        assert layout(kind, "bare").data == layout(kind).data


def record(raw: Raw, code: str) -> Raw:
    found: Raw = next(one for one in raw["record"] if one["code"] == code)
    return found


def field(raw: Raw, code: str, name: str) -> Raw:
    found: Raw = next(one for one in record(raw, code)["field"] if one["name"] == name)
    return found


def set_field(code: str, of: str, /, **changes: object) -> Spoil:
    return lambda raw: field(raw, code, of).update({key.rstrip("_"): value for key, value in changes.items()})


def drop_key(code: str, name: str, key: str) -> Spoil:
    return lambda raw: field(raw, code, name).pop(key)


def drop_field(code: str, name: str) -> Spoil:
    return lambda raw: record(raw, code)["field"].remove(field(raw, code, name))


SPOILED: list[tuple[Spoil, set[str]]] = [
    (lambda raw: raw.pop("record_length"), {"layout-key-missing"}),
    (lambda raw: raw.update(colour="red"), {"layout-key-unknown"}),
    (lambda raw: raw.update(kind="letter"), {"layout-value-wrong"}),
    (lambda raw: raw.update(record=[]), {"layout-value-wrong"}),
    (lambda raw: raw.update(record_length="128"), {"layout-value-wrong"}),
    (lambda raw: raw.update(record_length=127), {"layout-length"}),
    (set_field("020", "PNR", type="person"), {"layout-value-wrong"}),
    (set_field("020", "PNR", colour="red"), {"layout-key-unknown"}),
    (drop_key("020", "PNR", "meaning"), {"layout-key-missing"}),
    (set_field("020", "PNR", from_=14), {"layout-overlap", "layout-gap"}),
    (set_field("020", "AFTALENR", length=11), {"layout-gap"}),
    (set_field("020", "AFTALENR", length=13), {"layout-overlap"}),
    (set_field("020", "FILLER", length=19), {"layout-length"}),
    (set_field("020", "FILLER", length=21), {"layout-length"}),
    (set_field("020", "AFTALETYPE", name="PNR"), {"layout-name-repeated", "layout-name-missing"}),
    (set_field("020", "AFTALENR", name="NUMMER"), {"layout-name-missing"}),
    (set_field("020", "GYLDIG_FRA", type="cpr", personal=True), {"layout-field-length"}),
    (set_field("020", "KRAVREF", type="number"), {"layout-field-length"}),
    (set_field("020", "PNR", personal=False), {"layout-personal"}),
    (set_field("020", "AFTALETYPE", values=["1"]), {"layout-value-does-not-fit"}),
    (set_field("000", "FILTYPE", constant="BASVARENE"), {"layout-value-does-not-fit"}),
    (set_field("020", "MDRBELOEB", sign="TEGN"), {"layout-sign"}),
    (drop_key("020", "MDRBELOEB", "sign"), {"layout-sign"}),
    (set_field("020", "PRIORITET", may_be_blank=True), {"layout-blank-number"}),
    (set_field("000", "FILTYPE", role="municipality"), {"layout-role-type"}),
    (drop_key("000", "KOMMUNENR", "role"), {"layout-role-missing"}),
    (drop_key("000", "LEVERANCEID", "role"), {"layout-role-missing"}),
    (drop_key("999", "ANTAL_DATA", "role"), {"layout-role-missing"}),
    (set_field("999", "SUM_BELOEB", of="BELOEB"), {"layout-of-unknown"}),
    (set_field("999", "SUM_BELOEB", of="PNR"), {"layout-of-unknown"}),
    (set_field("020", "RECORDTYPE", constant="000"), {"layout-marker"}),
    (drop_key("020", "RECORDTYPE", "role"), {"layout-marker"}),
    (lambda raw: record(raw, "999").update(part="start"), {"layout-records", "layout-role-missing"}),
    (drop_field("020", "KRAVREF"), {"layout-gap", "layout-name-missing"}),
]


@pytest.mark.parametrize(
    ("spoil", "codes"), SPOILED, ids=[f"{n}-{min(codes)}" for n, (_, codes) in enumerate(SPOILED)]
)
def test_a_layout_that_can_not_be_is_told_why(spoil: Spoil, codes: set[str]) -> None:
    raw = tomllib.loads(default_files()["answer"].read_text())
    spoil(raw)

    found = check_raw(raw, name="mine.toml")

    assert {one.code for one in found} == codes
    assert all(one.where.file == "mine.toml" and one.what and one.rule and one.remedy for one in found)


def test_a_missing_name_is_told_with_its_record_and_field() -> None:
    raw = tomllib.loads(default_files()["answer"].read_text())
    set_field("020", "PNR", name="CPRNR")(raw)
    set_field("999", "IDENTSUM", of="CPRNR")(raw)

    [found] = check_raw(raw, name="mine.toml")

    assert (found.code, found.where.record, found.where.field) == ("layout-name-missing", "020", "PNR")
    assert "`label`" in found.rule


def test_a_layout_with_official_names_keeps_ours_and_shows_theirs(tmp_path: Path, sample: Any) -> None:
    file = tmp_path / "official.toml"
    text = default_files()["answer"].read_text()
    file.write_text(text.replace('name = "PNR", ', 'name = "PNR", label = "PERSONNUMMER",'), encoding="utf-8")
    official = load(file)
    spoiled = sample(FileKind.ANSWER).with_field(2, "PNR", b"9913901234")

    [found] = type(spoiled)(official, spoiled.lines).report().findings

    assert found.where.field == "PERSONNUMMER"


def test_a_layout_may_extend_one_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('extends = "answer"\nid = "mine"\nline_end = "LF"\n', encoding="utf-8")

    mine = load(file)

    assert (mine.id, mine.line_length, mine.records) == ("mine", 129, layout(FileKind.ANSWER).records)


@pytest.mark.parametrize("text", ["id = ", 'extends = "nothing"', "\udcff"])
def test_a_file_that_is_no_layout_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")

    with pytest.raises(LayoutUnreadable) as refused:
        load(file)

    assert refused.value.where == str(file)
    assert refused.value.remedy


def test_a_missing_layout_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayoutUnreadable):
        read(tmp_path / "none.toml")


def test_a_layout_that_is_not_sound_is_not_loaded(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('extends = "answer"\nrecord_length = 127\n', encoding="utf-8")

    with pytest.raises(LayoutRefused) as refused:
        load(file)

    assert {one.code for one in refused.value.findings} == {"layout-length"}


def test_a_field_cuts_its_bytes_out_of_a_record() -> None:
    two = Field(name="X", first=2, length=3, type=FieldType.DIGITS, meaning="", role=Role.RECORD_TYPE)

    assert two.cut(b"abcdef") == b"bcd"
