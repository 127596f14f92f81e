"""Bring `da.po` into step with the code: new texts get an empty Danish one, texts no longer used go.

Run by `make texts`; prints the texts that still want Danish.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parents[1] / "src" / "sf2530"
DANISH = SOURCE / "language" / "da.po"
# Ours instead of the usual one, whose dates would change at every run.
HEADER = b"""\
# Danish texts of sf2530, in the order of their English text. `make texts` keeps them in step.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: da\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def main() -> None:
    """Collect the texts, keep what is translated, and write the catalogue in the order of the English."""
    with DANISH.open("rb") as file:
        known = read_po(file, locale="da")
    catalogue = Catalog(locale="da", fuzzy=False)
    for _path, _line, message, _comments, _context in extract_from_dir(
        SOURCE, method_map=[("**.py", "python")], keywords={"_": None, "ngettext": (1, 2)}
    ):
        singular = message[0] if isinstance(message, tuple) else message
        entry = known.get(singular)
        catalogue.add(message, entry.string if entry else None)
    with DANISH.open("wb") as file:
        file.write(HEADER)
        write_po(file, catalogue, width=0, sort_output=True, no_location=True, omit_header=True)
    untranslated = [entry.id for entry in catalogue if entry.id and not any(entry.string or ())]
    print(*untranslated, sep="\n")


if __name__ == "__main__":
    main()
