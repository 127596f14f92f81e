"""The language people are shown: Danish first, English on request.

Texts stand in the code in English, wrapped in `_()`; `da.po` holds the Danish ones, and a test
keeps it complete. The language is chosen once per process, before the first text is made:
`SF2530_LANGUAGE=en`, or `--language en` on the command line. Start reading in `choosing.py`.
"""

from sf2530.language.choosing import Language, chosen, gettext, ngettext

_ = gettext

__all__ = ["Language", "_", "chosen", "gettext", "ngettext"]
