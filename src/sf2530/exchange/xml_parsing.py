"""The one door XML comes in by: small, shallow, UTF-8, and without any document type or entity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple, cast

from lxml import etree

from sf2530.errors import DataError
from sf2530.language import _

LARGEST_DOCUMENT: Final = 65_536  # bytes; a real one has about a thousand
DEEPEST_ELEMENT: Final = 20  # elements inside one another; a real document has five
SPACE: Final = " \t\r\n"  # what XML calls white space


class DocumentError(DataError):
    """A document of the protocol cannot be read. Its texts never repeat what stands in the document."""

    code = "document-unreadable"


def refusal(what: str, *, where: str = "") -> DocumentError:
    """Make the error for a document that cannot be read, with the advice that fits them all."""
    return DocumentError(
        what,
        where=where,
        remedy=_(
            "Ask the sender for a document that follows the SFTP protocol (docs/reference/documents.md)."
        ),
    )


class Complaint(NamedTuple):
    """One entry of libxml2's log. Its message may repeat content, so only its rule is ever shown whole."""

    rule: str
    line: int
    path: str
    message: str


def complaints(log: object) -> list[Complaint]:
    """Give the entries of one of lxml's error logs, whose published types leave them out."""
    entries = cast("Iterable[Any]", log)
    return [Complaint(each.type_name, each.line, each.path or "", each.message or "") for each in entries]


def place(element: etree._Element, name: str) -> str:
    """Say where in a document something is: the line, counted from 1, and the element."""
    return line_and_name(cast("int | None", element.sourceline), name)


def line_and_name(line: int | None, name: str) -> str:
    """Say where in a document something is, for whoever has only its line."""
    return _("line %(line)s, element %(name)s") % {"line": line or "?", "name": name}


def parse(data: bytes) -> etree._Element:
    """Parse a document and give its root. Comments and processing instructions are left out.

    Refuses, with DocumentError: more than LARGEST_DOCUMENT bytes, anything but UTF-8 (whatever the
    declaration says), any document type or entity declaration, what is not well-formed, and elements
    deeper than DEEPEST_ELEMENT.
    """
    if len(data) > LARGEST_DOCUMENT:
        raise refusal(_("The document is larger than %(limit)s bytes") % {"limit": LARGEST_DOCUMENT})
    _refuse_other_encodings(data)
    # No declaration of a document type is legal in this protocol, so the mere letters are refused,
    # before a parser sees them: that rules out entity bombs and external entities of every kind.
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise refusal(_("The document declares a document type or an entity"))
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        raise _not_well_formed(error) from None
    _refuse_depth(root)
    return root


def _parser() -> etree.XMLParser:
    # One parser a document: a shared one would make threads wait for each other.
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _refuse_other_encodings(data: bytes) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refusal(
            _("The document is not UTF-8: byte %(byte)s is not") % {"byte": error.start + 1},
            where=_("line %(line)s") % {"line": line},
        ) from None


def _not_well_formed(error: etree.XMLSyntaxError) -> DocumentError:
    # The parser's own message may repeat the content; the name of its complaint never does.
    rules = [each.rule for each in complaints(error.error_log)]
    complaint = rules[-1].removeprefix("ERR_").replace("_", " ").lower() if rules else "?"
    line, column = error.position
    return refusal(
        _("The document is not well-formed XML (%(complaint)s)") % {"complaint": complaint},
        where=_("line %(line)s, column %(column)s") % {"line": line, "column": column},
    )


def _refuse_depth(root: etree._Element) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST_ELEMENT:
            raise refusal(
                _("Elements stand more than %(limit)s deep inside one another") % {"limit": DEEPEST_ELEMENT},
                where=_("line %(line)s") % {"line": element.sourceline or "?"},
            )
