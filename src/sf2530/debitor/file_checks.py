"""The catalogue of what refuses a whole file here, beside the record checks (`records.checks`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from sf2530.language import _
from sf2530.records.findings import Finding, Place, Severity


class FileCheck(StrEnum):
    """What can be wrong about a file as a whole. Stable: counterparts get these codes in reject answers."""

    SENDER_NOT_AGREED = "sender-not-agreed"
    SENDER_DIFFERS = "sender-differs"
    RECIPIENT_DIFFERS = "recipient-differs"
    NO_RUN = "delivery-id-names-no-run"
    OTHER_MUNICIPALITY = "municipality-not-of-the-run"
    OTHER_VALUE_DATE = "value-date-not-of-the-run"
    OTHER_RUN_TYPE = "run-type-not-of-the-run"
    OTHER_REFERENCE = "reference-not-of-the-run"
    VALUE_DATE_TOO_OLD = "value-date-too-old"
    VALUE_DATE_TOO_FAR = "value-date-too-far"
    PERIOD_BACKWARDS = "period-backwards"
    NOT_ANSWERED = "inquiry-not-answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What stands behind a code. `short` is the text in a reject answer: capitals, ASCII, 38 characters."""

    short: str
    what: str
    rule: str
    remedy: str
    field: str | None = None


def file_finding(check: FileCheck, file_name: str) -> Finding:
    """Give the finding that refuses the file named `file_name` for this reason."""
    explained = file_checks()[check]
    return Finding(
        code=check.value,
        severity=Severity.ERROR,
        what=explained.what,
        where=Place(file=file_name, field=explained.field),
        rule=explained.rule,
        remedy=explained.remedy,
    )


@cache
def file_checks() -> Mapping[FileCheck, Explained]:
    """Give the explanation behind every code, in the chosen language."""
    return {**_of_sender(), **_of_run(), **_of_content()}


def _of_sender() -> Mapping[FileCheck, Explained]:
    return {
        FileCheck.SENDER_NOT_AGREED: Explained(
            short="AFSENDER ER IKKE AFTALT",
            what=_("The file was sent by someone we have no agreement with."),
            rule=_("Files come from the one counterpart that is agreed on."),
            remedy=_("Send it from the system that is agreed on, or agree on a new one with us."),
        ),
        FileCheck.SENDER_DIFFERS: Explained(
            short="AFSENDER PASSER IKKE TIL OVERFOERSLEN",
            what=_("The start record names another sender than the transfer."),
            rule=_("The start record's sender is the address the file was sent from."),
            remedy=_("Correct the start record and send the file under a new delivery id."),
            field="AFSENDER",
        ),
        FileCheck.RECIPIENT_DIFFERS: Explained(
            short="FILEN ER TIL EN ANDEN MODTAGER",
            what=_("The start record names another recipient."),
            rule=_("The start record's recipient is our system name."),
            remedy=_("Send the file to whom it is for."),
            field="MODTAGER",
        ),
    }


def _of_run() -> Mapping[FileCheck, Explained]:
    anew = _("Make the file anew under the delivery id of its own run.")
    return {
        FileCheck.NO_RUN: Explained(
            short="LEVERANCEID NAEVNER INGEN KOERSEL",
            what=_("The delivery id does not name a run."),
            rule=_("A letter, municipality, value date, MD or SU, running number: F010120261130MD01."),
            remedy=_("Send the file again under a delivery id of that form."),
            field="LEVERANCEID",
        ),
        FileCheck.OTHER_MUNICIPALITY: Explained(
            short="KOMMUNE ER IKKE KOERSLENS",
            what=_("File name, delivery id and records speak of different municipalities."),
            rule=_("A file is about one municipality."),
            remedy=anew,
            field="KOMMUNENR",
        ),
        FileCheck.OTHER_VALUE_DATE: Explained(
            short="DISPOSITIONSDATO ER IKKE KOERSLENS",
            what=_("Delivery id and records speak of different value dates."),
            rule=_("A file is about one value date."),
            remedy=anew,
            field="DISPOSITIONSDATO",
        ),
        FileCheck.OTHER_RUN_TYPE: Explained(
            short="KOERSELSTYPE ER IKKE KOERSLENS",
            what=_("Delivery id and record speak of different kinds of run."),
            rule=_("MD is the main run, SU a supplementary one."),
            remedy=anew,
            field="KOERSELSTYPE",
        ),
        FileCheck.OTHER_REFERENCE: Explained(
            short="REFERENCE ER IKKE KOERSLENS",
            what=_("The report refers to another run's inquiry."),
            rule=_("A report and its inquiry have the same run in their delivery ids."),
            remedy=anew,
            field="REF_LEVERANCEID",
        ),
    }


def _of_content() -> Mapping[FileCheck, Explained]:
    return {
        FileCheck.VALUE_DATE_TOO_OLD: Explained(
            short="DISPOSITIONSDATO ER FOR GAMMEL",
            what=_("The value date lies too far back."),
            rule=_("An inquiry comes before its payout, or few days after."),
            remedy=_("Check the run's value date. A payout that has been made can't be asked for."),
            field="DISPOSITIONSDATO",
        ),
        FileCheck.VALUE_DATE_TOO_FAR: Explained(
            short="DISPOSITIONSDATO ER FOR LANGT FREMME",
            what=_("The value date lies too far ahead."),
            rule=_("An inquiry comes within the agreed time before its payout."),
            remedy=_("Ask again nearer to the payout: agreements may change until then."),
            field="DISPOSITIONSDATO",
        ),
        FileCheck.PERIOD_BACKWARDS: Explained(
            short="PERIODEN SLUTTER FOER DEN BEGYNDER",
            what=_("The benefit period ends before it begins."),
            rule=_("The period's last day is not before its first."),
            remedy=_("Correct the period and send the inquiry under a new delivery id."),
            field="PERIODE_TIL",
        ),
        FileCheck.NOT_ANSWERED: Explained(
            short="FORESPOERGSLEN ER IKKE BESVARET",
            what=_("The report is about an inquiry that was never answered."),
            rule=_("A report settles what the answer to its inquiry has told."),
            remedy=_("Check the report's reference. If the inquiry was lost, send it first."),
            field="REF_LEVERANCEID",
        ),
    }
