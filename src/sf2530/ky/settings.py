"""KY's settings, as they stand in its configuration file."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sf2530.configuration import ConfigPath, DatabaseUrl
from sf2530.denmark.municipalities import MunicipalityCode, all_municipalities, municipality
from sf2530.errors import Sf2530Error
from sf2530.exchange.settings import Address, ExchangeSettings
from sf2530.ky.envelopes import Terms
from sf2530.records.layout import FileKind
from sf2530.records.layout_files import Profile, chosen


class KySettings(BaseModel):
    """How one process of KY runs. Relative paths count from the configuration file's folder."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    database: DatabaseUrl = "sqlite:///ky.db"
    """Where runs, payments and withholdings are: `sqlite:///path` or `postgresql://…`."""
    own_name: Address = "KY"
    """Our address: AFSENDER in our files."""
    counterpart: Address = "UDKDEB"
    """UDK Debitor's address: whom we write to, and the only one whose files we take."""
    exchange: ExchangeSettings
    municipalities: Annotated[list[str], Field(min_length=1)] = [one.code for one in all_municipalities()]
    """The municipalities whose runs are planned here; all 98 if not said otherwise."""
    ask_banking_days_before: Annotated[int, Field(ge=0, le=60)] = 5
    """How many banking days before the payout UDK Debitor is asked (assumption: not public)."""
    profile: Profile = Profile.STANDARD
    """Which of our own layouts the files have: "standard", or "bare" without start and end record."""
    layouts: dict[FileKind, ConfigPath] = {}
    """Layout files that stand in for our own: inquiry, answer, reject, report."""

    @field_validator("municipalities")
    @classmethod
    def _four_digits(cls, codes: list[str]) -> list[str]:
        try:
            return [municipality(code).code for code in codes]
        except Sf2530Error as error:
            raise ValueError(error.what) from error

    def planned_municipalities(self) -> list[MunicipalityCode]:
        """Give the municipalities whose runs are planned here, by code."""
        return sorted(MunicipalityCode(code) for code in set(self.municipalities))

    def terms(self) -> Terms:
        """Give the terms with UDK Debitor, layouts read. Raises LayoutRefused, LayoutUnreadable."""
        return Terms(
            own_name=self.own_name,
            counterpart=self.counterpart,
            layouts=chosen(self.profile, self.layouts),
        )
