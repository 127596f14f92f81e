"""An inquiry that can't be answered is refused out loud: every error named, no mark set, an alarm raised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from sf2530.database.engines import reading
from sf2530.debitor.states import Outcome
from sf2530.debitor.tables import metadata
from sf2530.records.layout import FileKind
from sf2530.records.naming import file_name

if TYPE_CHECKING:
    from tests.party.debitor.conftest import DebitorTown

LINE = 130  # bytes of a record with its line end
NAME = "BAFORESP_0101_20261130_MD01.txt"


def change(content: bytes, line: int, first: int, new: bytes) -> bytes:
    """Put `new` into a line from its byte `first`, both counted from 1."""
    at = (line - 1) * LINE + first - 1
    return content[:at] + new + content[at + len(new) :]


BROKEN: dict[str, tuple[Callable[[bytes], bytes], set[str]]] = {
    "a record one byte short": (lambda good: good[: LINE + 50] + good[LINE + 51 :], {"RECORD-LENGTH"}),
    "a byte that is no ASCII": (lambda good: change(good, 2, 15, b"\xe6"), {"FIELD-NOT-CODE"}),
    "a wrong count": (lambda good: change(good, 3, 15, b"00000002"), {"RECORD-COUNT-WRONG"}),
    "a wrong sum": (lambda good: change(good, 3, 24, b"000000000000001"), {"SUM-WRONG"}),
    "another municipality in the record": (
        lambda good: change(good, 2, 4, b"0147"),
        {"MUNICIPALITY-DIFFERS"},
    ),
    "a municipality that is none": (
        lambda good: change(change(change(good, 1, 4, b"0411"), 2, 4, b"0411"), 3, 4, b"0411"),
        {"MUNICIPALITY-UNKNOWN"},
    ),
    "an unknown layout version": (lambda good: change(good, 1, 23, b"0200"), {"LAYOUT-VERSION-UNKNOWN"}),
    "the end record cut off": (lambda good: good[: 2 * LINE], {"END-RECORD-MISSING"}),
    "cut off in the middle of a record": (
        lambda good: good[: LINE + 60],
        {"RECORD-LENGTH", "END-RECORD-MISSING"},
    ),
    "a wrong line number": (lambda good: change(good, 2, 8, b"0000003"), {"LINE-NUMBER-WRONG"}),
    "several things at once": (
        lambda good: change(change(good, 2, 51, b"20261301"), 3, 15, b"00000009"),
        {"DATE-WRONG", "RECORD-COUNT-WRONG"},
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_inquiry_is_refused_with_each_error_named_and_no_mark(
    debitor: DebitorTown, case: str
) -> None:
    spoil, expected = BROKEN[case]
    debitor.has_agreements(count=2)
    run = debitor.run()

    debitor.receives(NAME, spoil(debitor.inquiry_of(run)))

    assert debitor.works() == [Outcome.REFUSED]
    assert debitor.all_marks() == 0
    [reject] = debitor.rejects()
    assert expected <= {str(row["FEJLKODE"]) for row in reject.rows("910")}
    assert [alarm.code for alarm in debitor.alarms()] == ["file-refused"]


def test_the_reject_answer_says_where_the_error_is_and_to_which_inquiry_it_belongs(
    debitor: DebitorTown,
) -> None:
    run = debitor.run()

    debitor.receives(NAME, change(debitor.inquiry_of(run), 2, 51, b"20261301"))
    debitor.works()

    [reject] = debitor.rejects()
    assert list(debitor.outbox()) == ["BAAFVIS_0101_20261130_MD01.txt"]
    assert reject.start["LEVERANCEID"] == "A010120261130MD01"
    assert reject.start["REF_LEVERANCEID"] == "F010120261130MD01"
    assert reject.start["KOMMUNENR"] == "0101"
    assert reject.start["DISPOSITIONSDATO"] == date(2026, 11, 30)
    [error] = reject.rows("910")
    assert (
        error["FEJLKODE"],
        error["FEJL_LINJE"],
        error["FEJL_FRA"],
        error["FEJL_TIL"],
        error["FEJL_FELT"],
    ) == (
        "DATE-WRONG",
        2,
        51,
        58,
        "PERIODE_FRA",
    )


@pytest.mark.parametrize(
    ("content", "name", "municipality"),
    [
        (b"", NAME, "0101"),
        (b"", "BAFORESP_x.txt", "0000"),
        (b"\x00" * 500, "BAFORESP_x.txt", "0000"),
        ("æøå\r\n".encode() * 20, "BAFORESP_0411_x.txt", "0000"),
    ],
)
def test_a_file_whose_run_can_not_be_told_is_refused_under_its_own_name(
    debitor: DebitorTown, content: bytes, name: str, municipality: str
) -> None:
    debitor.receives(name, content)

    assert debitor.works() == [Outcome.REFUSED]
    [reply] = debitor.outbox()
    assert reply.startswith(f"BAAFVIS_{name}_")
    [reject] = debitor.rejects()
    assert reject.report.municipality == municipality
    assert debitor.all_marks() == 0
    assert [alarm.code for alarm in debitor.alarms()] == ["file-refused"]


def test_a_stranger_is_refused_and_does_not_use_up_the_inquirys_delivery_id(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    run = debitor.run()

    debitor.receives("BAFORESP_0101_fremmed.txt", debitor.inquiry_of(run), sender="STRANGER")

    assert debitor.works() == [Outcome.REFUSED]
    assert debitor.all_marks() == 0
    [reply] = debitor.outbox()
    assert debitor.recipient_of(reply) == "STRANGER"
    assert debitor.is_asked(run) is Outcome.ANSWERED
    assert debitor.answered_numbers(run) == [number]


MISFITS: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "another sender in the start record": ({"AFSENDER": "ANDEN"}, {}, "SENDER-DIFFERS"),
    "another recipient": ({"MODTAGER": "ANDEN"}, {}, "RECIPIENT-DIFFERS"),
    "another kind of run": ({}, {"KOERSELSTYPE": "SU"}, "RUN-TYPE-NOT-OF-THE-RUN"),
    "a period that ends before it begins": ({}, {"PERIODE_TIL": date(2026, 10, 1)}, "PERIOD-BACKWARDS"),
    "an id that names no run": (
        {"LEVERANCEID": "F1"},
        {"FORESPID": "F1"},
        "DELIVERY-ID-NAMES-NO-RUN",
    ),
    "the id of another municipality's run": (
        {"LEVERANCEID": "F014720261130MD01"},
        {"FORESPID": "F014720261130MD01"},
        "MUNICIPALITY-NOT-OF-THE-RUN",
    ),
    "the id of another day's run": (
        {"LEVERANCEID": "F010120261127MD01"},
        {"FORESPID": "F010120261127MD01"},
        "VALUE-DATE-NOT-OF-THE-RUN",
    ),
}


@pytest.mark.parametrize("case", MISFITS)
def test_an_inquiry_that_does_not_fit_its_run_is_refused(debitor: DebitorTown, case: str) -> None:
    start, record, expected = MISFITS[case]
    debitor.has_agreements()
    run = debitor.run()

    debitor.receives(NAME, debitor.inquiry_of(run, start=start, **record))

    assert debitor.works() == [Outcome.REFUSED]
    [reject] = debitor.rejects()
    assert [row["FEJLKODE"] for row in reject.rows("910")] == [expected]
    assert debitor.all_marks() == 0


def test_a_file_named_after_another_municipality_is_refused(debitor: DebitorTown) -> None:
    debitor.receives("BAFORESP_0147_20261130_MD01.txt", debitor.inquiry_of(debitor.run("0101")))

    assert debitor.works() == [Outcome.REFUSED]
    [reply] = debitor.outbox()
    assert reply.startswith("BAAFVIS_BAFORESP_0147_20261130_MD01.txt_")


def test_two_unreadable_files_whose_names_differ_in_their_ending_each_get_a_reply(
    debitor: DebitorTown,
) -> None:
    debitor.receives("BAFORESP_x.txt", b"garbage")
    debitor.receives("BAFORESP_x.csv", b"garbage")

    assert debitor.works() == [Outcome.REFUSED, Outcome.REFUSED]
    assert len(debitor.rejects()) == 2


def test_a_conflict_of_no_certain_run_that_a_person_lets_in_gets_its_own_reply(debitor: DebitorTown) -> None:
    debitor.receives("BAFORESP_x.txt", b"garbage")
    debitor.works()
    debitor.receives("BAFORESP_x.txt", b"other garbage")
    debitor.passes(minutes=5)

    debitor.lets_in_conflicts()

    assert debitor.works() == [Outcome.REFUSED]
    assert len(debitor.rejects()) == 2


@pytest.mark.parametrize(
    ("value_date", "expected"),
    [
        (date(2026, 11, 9), ["VALUE-DATE-TOO-OLD"]),
        (date(2026, 11, 10), []),
        (date(2027, 2, 28), []),
        (date(2027, 3, 1), ["VALUE-DATE-TOO-FAR"]),
    ],
)
def test_a_value_date_too_old_or_too_far_away_is_refused(
    debitor: DebitorTown, value_date: date, expected: list[str]
) -> None:
    run = debitor.run(value_date=value_date)

    outcome = debitor.is_asked(run)

    told = [str(row["FEJLKODE"]) for reject in debitor.rejects() for row in reject.rows("910")]
    assert told == expected
    assert outcome is (Outcome.REFUSED if expected else Outcome.ANSWERED)


def test_a_refused_inquiry_again_gets_the_same_reject_again(debitor: DebitorTown) -> None:
    run = debitor.run()
    spoilt = change(debitor.inquiry_of(run), 3, 15, b"00000002")
    debitor.receives(NAME, spoilt)
    debitor.works()
    outbox = debitor.outbox()
    debitor.is_delivered(file_name(FileKind.REJECT, run))

    debitor.receives("BAFORESP_0101_igen.txt", spoilt)

    assert debitor.works() == [Outcome.REPEATED]
    assert debitor.outbox() == outbox
    assert debitor.waits_to_be_sent(file_name(FileKind.REJECT, run))


def test_a_refused_inquiry_is_corrected_under_a_new_delivery_id(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    debitor.receives(NAME, change(debitor.inquiry_of(debitor.run()), 3, 15, b"00000002"))
    debitor.works()

    assert debitor.is_asked(debitor.run(sequence=2)) is Outcome.ANSWERED
    assert debitor.marks(debitor.run(sequence=2)) == {number: "open"}


def test_a_cpr_number_in_the_wrong_field_is_kept_out_of_everything_but_the_file(debitor: DebitorTown) -> None:
    wrong = debitor.inquiry_of(debitor.run())
    for line, first in ((1, 41), (2, 15), (3, 55)):
        wrong = change(wrong, line, first, b"6101901234".ljust(20))

    debitor.receives(NAME, wrong)
    debitor.works()

    alarms = [alarm.text + alarm.subject + alarm.remedy for alarm in debitor.alarms()]
    with reading(debitor.engine) as tx:
        rows = [repr(row) for table in metadata.sorted_tables for row in tx.execute(sa.select(table))]
    assert len(rows) == 1
    assert "6101901234" not in " ".join(alarms + rows)
