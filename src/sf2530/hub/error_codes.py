"""The error codes of technical receipts: number, name, meaning and what to do. Also their documentation.

The public sources leave the codes open, so the table is ours (assumption 12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from sf2530.exchange.documents import ErrorMessage
from sf2530.language import _


class ErrorCode(IntEnum):
    """Why a trigger was refused: 1xx the trigger, 2xx the data file, 3xx the way, 4xx the name."""

    TRIGGER_UNREADABLE = 101
    SENDER_IS_ANOTHER = 102
    NAME_DIFFERS = 103
    ROUTING_NOT_OFFERED = 104
    FILE_NAME_UNUSABLE = 105
    DATA_MISSING = 201
    DATA_UNFINISHED = 202
    SIZE_DIFFERS = 203
    RECIPIENT_UNKNOWN = 301
    RECIPIENT_DISABLED = 302
    ROUTE_MISSING = 303
    NAME_IN_USE = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a code means and what the sender should do."""

    meaning: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingError:
    """One reason to refuse a trigger; `detail` says what is the matter this time."""

    code: ErrorCode
    detail: str

    def message(self) -> ErrorMessage:
        """Give the error as it stands in a receipt: number, meaning, and detail with what to do."""
        explanation = explanations()[self.code]
        return ErrorMessage(
            code=int(self.code),
            description=explanation.meaning,
            detail=f"{self.detail} {explanation.remedy}",
        )


@cache
def explanations() -> Mapping[ErrorCode, Explanation]:
    """Give the whole table in the chosen language, by number."""
    return _of_the_trigger() | _of_the_data() | _of_the_way()


def _of_the_trigger() -> dict[ErrorCode, Explanation]:
    return {
        ErrorCode.TRIGGER_UNREADABLE: Explanation(
            meaning=_("The trigger can't be read"),
            remedy=_("Correct the trigger file and send it again; the data file is still in OUT."),
        ),
        ErrorCode.SENDER_IS_ANOTHER: Explanation(
            meaning=_("The trigger names another sender"),
            remedy=_("Write the user name you log in with into Sender."),
        ),
        ErrorCode.NAME_DIFFERS: Explanation(
            meaning=_("The trigger is for a file of another name"),
            remedy=_("Name the trigger after its data file, with .trigger at the end."),
        ),
        ErrorCode.ROUTING_NOT_OFFERED: Explanation(
            meaning=_("Dynamic routing is not offered here"),
            remedy=_("Name the recipient in the trigger."),
        ),
        ErrorCode.FILE_NAME_UNUSABLE: Explanation(
            meaning=_("The data file's name can't be exchanged"),
            remedy=_("Give the file another name and send it with a new trigger."),
        ),
    }


def _of_the_data() -> dict[ErrorCode, Explanation]:
    return {
        ErrorCode.DATA_MISSING: Explanation(
            meaning=_("The data file is not in OUT"),
            remedy=_("Upload the data file first, then its trigger."),
        ),
        ErrorCode.DATA_UNFINISHED: Explanation(
            meaning=_("The data file's upload is not finished"),
            remedy=_("Finish or repeat the upload, then send the trigger again."),
        ),
        ErrorCode.SIZE_DIFFERS: Explanation(
            meaning=_("The data file's size is not the one in the trigger"),
            remedy=_("Upload the whole file again, or correct SizeInBytes, then send the trigger again."),
        ),
    }


def _of_the_way() -> dict[ErrorCode, Explanation]:
    return {
        ErrorCode.RECIPIENT_UNKNOWN: Explanation(
            meaning=_("The recipient is not known"),
            remedy=_("Check the recipient's user name, then send the trigger again."),
        ),
        ErrorCode.RECIPIENT_DISABLED: Explanation(
            meaning=_("The recipient does not receive files at present"),
            remedy=_("Ask the recipient when it will, then send the trigger again."),
        ),
        ErrorCode.ROUTE_MISSING: Explanation(
            meaning=_("There is no active route to the recipient"),
            remedy=_("Order the route, then send the trigger again."),
        ),
        ErrorCode.NAME_IN_USE: Explanation(
            meaning=_("The recipient has not yet fetched an earlier file of this name"),
            remedy=_("Use another name, or wait until the earlier file and its metadata have been deleted."),
        ),
    }
