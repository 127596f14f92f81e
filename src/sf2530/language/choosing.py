"""Choose the language once per process and look texts up in it."""

from __future__ import annotations

import os
from enum import StrEnum
from functools import cache
from importlib.resources import files

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po


class Language(StrEnum):
    """The languages there are texts in."""

    DANISH = "da"
    ENGLISH = "en"


@cache
def chosen() -> Language:
    """Give the language of this process: `SF2530_LANGUAGE`, else Danish."""
    try:
        return Language(os.environ.get("SF2530_LANGUAGE", Language.DANISH))
    except ValueError:
        return Language.DANISH


@cache
def danish_catalogue() -> Catalog:
    """Read the Danish texts (`da.po`), keyed by the English ones in the code."""
    with files(__package__).joinpath("da.po").open("rb") as file:
        return read_po(file, locale="da")


def gettext(message: str) -> str:
    """Give `message` in the chosen language; the English text itself where there is no other.

    Placeholders are named and filled afterwards: `_("Route %(name)s is closed") % {"name": …}`.
    """
    if chosen() is Language.ENGLISH:
        return message
    entry = danish_catalogue().get(message)
    return str(entry.string) if entry and entry.string else message


def ngettext(singular: str, plural: str, number: int) -> str:
    """Give the text for `number` things in the chosen language, as `gettext` does for one text."""
    if chosen() is Language.ENGLISH:
        return singular if number == 1 else plural
    entry = danish_catalogue().get(singular)
    if entry is None or not isinstance(entry.string, (list, tuple)):
        return singular if number == 1 else plural
    return str(entry.string[0 if number == 1 else 1])
