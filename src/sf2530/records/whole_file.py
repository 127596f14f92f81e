"""What only the whole file shows: its end, how often records occur, counts, sums, what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sf2530.denmark.ore import format_kroner
from sf2530.language import _, ngettext
from sf2530.records.checks import Code, finding
from sf2530.records.course import Course
from sf2530.records.explaining import field_place
from sf2530.records.field_rules import Value
from sf2530.records.findings import Place, Report
from sf2530.records.layout import Field, Role
from sf2530.records.masking import shown_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the reader knows about a file before reading it; None: nothing."""

    municipality: str | None = None
    reference: str | None = None
    value_date: date | None = None


def concluded(course: Course, expected: Expected) -> Report:
    """Check the whole file after its last line, and give the report."""
    if course.line == 0 and course.layout.start is not None:
        course.log.add(finding(Code.FILE_EMPTY, _("The file is empty"), Place(file=course.name)))
    elif course.line:
        _check_end(course)
        _check_occurrences(course)
        _check_totals(course)
        _check_expected(course, expected)
    return _report(course)


def _report(course: Course) -> Report:
    value_date = course.same.get(Role.VALUE_DATE)
    municipality = course.same.get(Role.MUNICIPALITY)
    delivery_id = course.same.get(Role.DELIVERY_ID)
    return Report(
        name=course.name,
        layout_id=course.layout.id,
        verdict=course.log.verdict,
        findings=tuple(course.log.kept),
        findings_total=course.log.total,
        counts=course.log.counts,
        records=course.records.total(),
        lines=course.line,
        municipality=municipality if isinstance(municipality, str) else None,
        delivery_id=delivery_id if isinstance(delivery_id, str) else None,
        reference=course.reference,
        value_date=value_date if isinstance(value_date, date) else None,
    )


def _check_end(course: Course) -> None:
    if course.layout.end is None:
        return
    if course.end_line is None:
        what = _("The file ends after line %(line)d without an end record") % {"line": course.line}
        course.log.add(finding(Code.END_MISSING, what, Place(file=course.name, line=course.line)))
    elif course.end_line < course.line:
        count = course.line - course.end_line
        what = ngettext(
            "%(count)d line follows the end record", "%(count)d lines follow the end record", count
        ) % {"count": count}
        at = Place(file=course.name, line=course.end_line + 1)
        course.log.add(finding(Code.LINES_AFTER_END, what, at))


def _check_occurrences(course: Course) -> None:
    for record in course.layout.data:
        found = course.records[record.code]
        if record.once and found != 1 and not course.unreadable:
            what = _("The file has %(count)d records of type %(record)s, and not one") % {
                "count": found,
                "record": record.code,
            }
            at = Place(file=course.name, record=record.code)
            course.log.add(finding(Code.NOT_ONCE, what, at))


def _check_totals(course: Course) -> None:
    if course.layout.end is None or course.end_line is None:
        return
    place = Place(file=course.name, line=course.end_line)
    for field in course.layout.end.fields:
        if field.name in course.end:
            _check_total(course, field, course.end[field.name], field_place(place, field))


def _check_total(course: Course, field: Field, said: Value, place: Place) -> None:
    """Compare sums only where every record could be read: else they are wrong for a known reason."""
    found = course.totals[field.of] if field.of is not None else 0
    match field.role:
        case Role.RECORD_COUNT:
            _check_count(course, field, said, place)
        case Role.SUM if not course.unreadable and isinstance(said, int) and said != found:
            what = _("%(field)s is not the sum of the records") % {"field": field.shown_name}
            shown = _("the end record says %(said)s, the records give %(found)s") % {
                "said": format_kroner(said),
                "found": format_kroner(found),
            }
            course.log.add(finding(Code.SUM, what, place, shown=shown))
        case Role.HASH_TOTAL if not course.unreadable:
            _check_hash_total(course, field, said, place)
        case _:
            pass


def _check_count(course: Course, field: Field, said: Value, place: Place) -> None:
    found = course.data_lines_before_end
    if said == found:
        return
    what = _("%(field)s is not the number of data records") % {"field": field.shown_name}
    shown = _("the end record says %(said)s, the file has %(found)d") % {"said": said, "found": found}
    course.log.add(finding(Code.COUNT, what, place, shown=shown))


def _check_hash_total(course: Course, field: Field, said: Value, place: Place) -> None:
    """Never shows either total: that of a file with one record is a CPR number."""
    if field.of is None:
        wrong = said not in {None, 0}
    elif said is None:
        what = _("%(field)s is blank") % {"field": field.shown_name}
        course.log.add(finding(Code.HASH_TOTAL_ABSENT, what, place))
        return
    else:
        wrong = said != course.totals[field.of] % 10**field.length
    if wrong:
        what = _("%(field)s is not the sum of the identifiers") % {"field": field.shown_name}
        course.log.add(finding(Code.HASH_TOTAL, what, place))


def _check_expected(course: Course, expected: Expected) -> None:
    said = (
        (Code.MUNICIPALITY_NOT_EXPECTED, course.same.get(Role.MUNICIPALITY), expected.municipality),
        (Code.REFERENCE_NOT_EXPECTED, course.reference, expected.reference),
        (Code.VALUE_DATE_NOT_EXPECTED, course.same.get(Role.VALUE_DATE), expected.value_date),
    )
    texts = {
        Code.MUNICIPALITY_NOT_EXPECTED: _("The file is about another municipality"),
        Code.REFERENCE_NOT_EXPECTED: _("The file refers to another delivery"),
        Code.VALUE_DATE_NOT_EXPECTED: _("The file is for another value date"),
    }
    for code, found, wanted in said:
        if found is not None and wanted is not None and found != wanted:
            shown = _("%(found)s, and not %(wanted)s") % {"found": shown_text(str(found)), "wanted": wanted}
            course.log.add(finding(code, texts[code], Place(file=course.name, line=1), shown=shown))
