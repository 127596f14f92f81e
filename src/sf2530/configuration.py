"""Read a party's configuration file (TOML) into its settings, and name what is wrong in it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, ClassVar, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ValidationError, ValidationInfo

from sf2530.errors import UseError
from sf2530.language import _

Settings = TypeVar("Settings", bound=BaseModel)

_SQLITE: Final = "sqlite:///"


def _beside_the_configuration(path: Path, info: ValidationInfo) -> Path:
    directory = (info.context or {}).get("directory")
    return path if directory is None else Path(directory) / path


def _database_beside_the_configuration(url: str, info: ValidationInfo) -> str:
    if not url.startswith(_SQLITE):
        return url
    return f"{_SQLITE}{_beside_the_configuration(Path(url.removeprefix(_SQLITE)), info)}"


ConfigPath = Annotated[Path, AfterValidator(_beside_the_configuration)]
"""A path in a configuration file: a relative one counts from the file's folder."""
DatabaseUrl = Annotated[str, AfterValidator(_database_beside_the_configuration)]
"""`sqlite:///path`, relative to the configuration file's folder, or `postgresql://…`."""


class ConfigurationError(UseError):
    """A configuration file is missing, unreadable, or holds a setting that can't be used."""

    code: ClassVar[str] = "configuration-wrong"


def read_settings(path: Path, model: type[Settings]) -> Settings:
    """Read `path` as TOML and check it against `model`.

    The model gets the directory of the file as `info.context["directory"]`, for relative paths in it.
    Raises ConfigurationError with every wrong setting named, never its value: it may be a secret.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            _("The configuration file can't be read: %(why)s") % {"why": error.strerror},
            where=str(path),
            remedy=_("Make one with `sf2530 init`, or name another with --config."),
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            _("The configuration file is not valid TOML: %(why)s") % {"why": error},
            where=str(path),
            remedy=_("Correct the file and start again."),
        ) from error
    try:
        return model.model_validate(values, context={"directory": path.parent})
    except ValidationError as error:
        raise ConfigurationError(
            _("These settings can't be used:\n%(settings)s") % {"settings": _wrong_settings(error)},
            where=str(path),
            remedy=_("Correct them and start again."),
        ) from error


def _wrong_settings(error: ValidationError) -> str:
    lines = []
    for detail in error.errors(include_url=False, include_input=False):
        setting = ".".join(str(part) for part in detail["loc"]) or _("(the whole file)")
        lines.append(f"  {setting}: {detail['msg']}")
    return "\n".join(lines)
