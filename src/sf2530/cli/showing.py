"""Lay out records, findings and differences for people (rich) and for machines (JSON)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from sf2530.cli.comparing import Change, Difference, identifier
from sf2530.cli.field_texts import FieldText, field_texts, printable
from sf2530.cli.raw_records import RawRecord
from sf2530.language import _
from sf2530.records.findings import Finding, Report, Severity, Verdict
from sf2530.records.layout import Layout
from sf2530.terminal.printing import table

NO_LINE = "–"
STYLES = {Severity.ERROR: "red", Severity.REMARK: "yellow"}
VERDICT_STYLES = {
    Verdict.ACCEPTED: "green",
    Verdict.ACCEPTED_WITH_REMARKS: "yellow",
    Verdict.REJECTED: "bold red",
}


def record_for_people(
    record: RawRecord, layout: Layout, *, name: str, reveal: bool
) -> Iterator[RenderableType]:
    """Lay out one record: a heading, and a line for every field with its bytes, content and value."""
    yield Text(_heading(record), style="bold")
    if record.type is None:
        content = printable(record.content)
        yield Text(content if reveal else "*" * len(content), style="red")
        return
    headings = (_("Field"), _("Bytes"), _("Content"), _("Value"), _("Meaning"))
    rows = [_row(text) for text in field_texts(record, layout, name=name, reveal=reveal)]
    yield table(headings, rows)
    yield Text("")


def record_for_machines(record: RawRecord, layout: Layout, *, name: str, reveal: bool) -> dict[str, Any]:
    """Give one record as JSON: its line, its code, its values and what is wrong with them, by field name."""
    texts = field_texts(record, layout, name=name, reveal=reveal)
    return {
        "line": record.line,
        "record": record.type.code if record.type else None,
        "values": {each.field.name: each.machine for each in texts if each.field.holds_value},
        "faults": {each.field.name: each.fault for each in texts if each.fault},
    }


def finding_for_people(finding: Finding) -> Iterator[Text]:
    """Lay out one finding: what and where and the masked value, then the rule and what to do."""
    yield Text(str(finding), style=STYLES[finding.severity])
    for heading, text in ((_("Rule"), finding.rule), (_("What to do"), finding.remedy)):
        yield Text(f"    {heading}: {text}")


def verdict_for_people(report: Report) -> Text:
    """Say in one line what became of a file."""
    words = {
        Verdict.ACCEPTED: _("accepted"),
        Verdict.ACCEPTED_WITH_REMARKS: _("accepted with remarks"),
        Verdict.REJECTED: _("rejected"),
    }
    text = _("%(file)s (%(layout)s): %(verdict)s, %(records)d records, %(findings)d findings") % {
        "file": report.name,
        "layout": report.layout_id,
        "verdict": words[report.verdict],
        "records": report.records,
        "findings": report.findings_total,
    }
    return Text(text, style=VERDICT_STYLES[report.verdict])


def report_for_machines(report: Report) -> dict[str, Any]:
    """Give a report as JSON; findings beyond those that were kept are only counted."""
    return {
        "file": report.name,
        "layout": report.layout_id,
        "verdict": report.verdict,
        "accepted": report.accepted,
        "records": report.records,
        "lines": report.lines,
        "municipality": report.municipality,
        "delivery_id": report.delivery_id,
        "reference": report.reference,
        "value_date": report.value_date.isoformat() if report.value_date else None,
        "findings_total": report.findings_total,
        "counts": dict(report.counts),
        "findings": [asdict(finding) for finding in report.findings],
    }


def difference_for_people(difference: Difference, layout: Layout, *, reveal: bool) -> Iterator[Text]:
    """Lay out one difference: which record, and each field with its value in both files."""
    styles = {Change.CHANGED: "yellow", Change.ONLY_FIRST: "red", Change.ONLY_SECOND: "green"}
    words = {
        Change.CHANGED: _("changed"),
        Change.ONLY_FIRST: _("only in the first file"),
        Change.ONLY_SECOND: _("only in the second file"),
    }
    change = difference.change
    yield Text(f"{_which(difference, layout, reveal=reveal)}: {words[change]}", style=styles[change])
    for name, first, second in _changed_texts(difference, layout, reveal=reveal):
        values = f"    {name}: {first.value} → {second.value}"
        masked = _("masked")
        yield Text(f"{values} ({masked})" if first.value == second.value else values)


def difference_for_machines(difference: Difference, layout: Layout, *, reveal: bool) -> dict[str, Any]:
    """Give one difference as JSON."""
    record = difference.record
    found_by = _identifier_text(record, layout, reveal=reveal)
    return {
        "change": difference.change,
        "record": record.type.code if record.type else None,
        "identifier": {found_by.field.name: found_by.machine} if found_by else None,
        "first_line": difference.first.line if difference.first else None,
        "second_line": difference.second.line if difference.second else None,
        "fields": {
            name: {"first": first.machine, "second": second.machine}
            for name, first, second in _changed_texts(difference, layout, reveal=reveal)
        },
    }


def _heading(record: RawRecord) -> str:
    if record.type is None:
        kind = _("no record of this layout, %(bytes)d bytes") % {"bytes": len(record.content)}
    else:
        kind = f"{record.type.code} {record.type.title}"
    return _("Line %(line)d: %(record)s") % {"line": record.line, "record": kind}


def _row(text: FieldText) -> Sequence[str]:
    field = text.field
    bytes_ = str(field.first) if field.length == 1 else f"{field.first}-{field.last}"
    value = f"{text.value} ({text.fault})" if text.fault else text.value
    return field.shown_name, bytes_, text.content, value, field.meaning


def _which(difference: Difference, layout: Layout, *, reveal: bool) -> str:
    record = difference.record
    found_by = _identifier_text(record, layout, reveal=reveal)
    lines = [str(each.line) if each else NO_LINE for each in (difference.first, difference.second)]
    code = record.type.code if record.type else _("unknown record")
    name = f"{code} {found_by.field.shown_name} {found_by.value}" if found_by else code
    place = _("line %(first)s → %(second)s") % {"first": lines[0], "second": lines[1]}
    return f"{name} ({place})"


def _identifier_text(record: RawRecord, layout: Layout, *, reveal: bool) -> FieldText | None:
    field = identifier(record, layout)
    texts = field_texts(record, layout, name="", reveal=reveal) if field else []
    return next((each for each in texts if each.field == field), None)


def _changed_texts(
    difference: Difference, layout: Layout, *, reveal: bool
) -> Iterator[tuple[str, FieldText, FieldText]]:
    if not (difference.first and difference.second):
        return
    firsts = field_texts(difference.first, layout, name="", reveal=reveal)
    seconds = field_texts(difference.second, layout, name="", reveal=reveal)
    for first, second in zip(firsts, seconds, strict=True):
        if first.field in difference.fields:
            yield first.field.name, first, second
