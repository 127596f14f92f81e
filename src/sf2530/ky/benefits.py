"""The table of benefits: which codes payments may have, and which benefits child support is withheld from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.errors import UseError
from sf2530.ky.tables import benefit
from sf2530.language import _
from sf2530.logs import mask_cpr_numbers

_CODE = re.compile(r"[A-Z0-9]{1,4}", re.ASCII)  # what YDELSESKODE of the report can carry


class BenefitCodeWrong(UseError):
    """A benefit code can't stand in the report."""

    code: ClassVar[str] = "benefit-code-wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """One benefit. From one that isn't withheld from, nothing is taken, and it carries no agreement."""

    code: str
    name: str
    withheld_from: bool


def all_benefits(tx: Connection) -> list[Benefit]:
    """Give every benefit, by code."""
    rows = tx.execute(sa.select(benefit).order_by(benefit.c.code))
    return [Benefit(code=row.code, name=row.name, withheld_from=row.withheld_from) for row in rows]


def set_benefit(tx: Connection, new: Benefit) -> None:
    """Add a benefit, or change the one with that code; runs that are allocated stay as they are."""
    values = {"name": new.name, "withheld_from": new.withheld_from}
    changed = tx.execute(sa.update(benefit).where(benefit.c.code == new.code).values(**values))
    if not changed.rowcount:
        tx.execute(sa.insert(benefit).values(code=new.code, **values))


def checked_code(code: str) -> str:
    """Give the code back if the report can carry it. Raises BenefitCodeWrong."""
    if _CODE.fullmatch(code):
        return code
    raise BenefitCodeWrong(
        _("This can't be a benefit code: %(code)s") % {"code": mask_cpr_numbers(code)},
        remedy=_("Use 1 to 4 of the characters A-Z and 0-9."),
    )
