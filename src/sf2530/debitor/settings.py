"""UDK Debitor's settings, as they stand in its configuration file."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sf2530.configuration import ConfigPath, DatabaseUrl
from sf2530.debitor.envelopes import Terms
from sf2530.exchange.settings import Address, ExchangeSettings
from sf2530.records.layout import FileKind
from sf2530.records.layout_files import Profile, chosen

AgreementType = Annotated[str, Field(pattern=r"^[0-9]{2}$")]


class DebitorSettings(BaseModel):
    """How one process of UDK Debitor runs. Relative paths count from the configuration file's folder."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    database: DatabaseUrl = "sqlite:///debitor.db"
    """Where agreements and expectations are: `sqlite:///path` or `postgresql://…`."""
    own_name: Address = "UDKDEB"
    """Our address: AFSENDER in our files, MODTAGER in those for us."""
    counterpart: Address = "KY"
    """The benefit system's SFTP user and address: the only one whose files are taken."""
    exchange: ExchangeSettings
    oldest_days: Annotated[int, Field(ge=0)] = 31
    """How far back the value date of an inquiry may lie (assumption: not public)."""
    farthest_days: Annotated[int, Field(ge=0)] = 400
    """How far ahead the value date of an inquiry may lie (assumption: not public)."""
    set_off_types: Annotated[list[AgreementType], Field(min_length=1)] = ["01"]
    """The agreement types that are set off in cash benefit: 01, child support paid in advance."""
    profile: Profile = Profile.STANDARD
    """Which of our own layouts the files have: "standard", or "bare" without start and end record."""
    layouts: dict[FileKind, ConfigPath] = {}
    """Layout files that stand in for our own: inquiry, answer, reject, report."""

    def terms(self) -> Terms:
        """Give the terms with the counterpart, layouts read. Raises LayoutRefused, LayoutUnreadable."""
        return Terms(
            own_name=self.own_name,
            counterpart=self.counterpart,
            oldest_days=self.oldest_days,
            farthest_days=self.farthest_days,
            set_off_types=frozenset(self.set_off_types),
            layouts=chosen(self.profile, self.layouts),
        )
