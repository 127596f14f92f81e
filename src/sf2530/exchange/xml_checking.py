"""Hold a document against the schema and say in our own words what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Final

from lxml import etree

from sf2530.exchange.documents import NAMESPACE
from sf2530.exchange.xml_parsing import Complaint, complaints, line_and_name, parse
from sf2530.language import _

_EXPECTED: Final = re.compile(r"Expected is (?:one of )?\( (.*) \)\.?$")
_STEP: Final = re.compile(r"/(?:[\w*]+:)?([\w-]+|\*)(?:\[\d+\])?$")
_lock = Lock()  # a schema object keeps the complaints of its last document


def violations(data: bytes) -> list[str]:
    """Give everything that keeps a document from being valid, one text each; nothing if it is valid.

    Texts name lines and elements of the schema and never repeat a value. Metadata under its older root
    is not valid. Raises DocumentError for what is not XML that we accept at all.
    """
    root = parse(data)
    with _lock:
        if _schema().validate(root):
            return []
        found = complaints(_schema().error_log)
    return list(dict.fromkeys(_texts(found)))


@cache
def _schema() -> etree.XMLSchema:
    with files(__package__).joinpath("schemas/documents.xsd").open("rb") as file:
        return etree.XMLSchema(etree.parse(file))


@cache
def _known_names() -> frozenset[str]:
    with files(__package__).joinpath("schemas/documents.xsd").open("rb") as file:
        return frozenset(element.get("name", "") for element in etree.parse(file).iter("{*}element"))


def _texts(found: list[Complaint]) -> Iterator[str]:
    for complaint in found:
        yield f"{line_and_name(complaint.line, _element(complaint))}: {_sentence(complaint)}"


def _element(complaint: Complaint) -> str:
    # A name that the schema does not know is the sender's own text, and is not repeated.
    step = _STEP.search(complaint.path)
    named = re.match(r"Element '(?:\{[^}]*\})?([\w-]+)'", complaint.message)
    for name in (named and named[1], step and step[1]):
        if name in _known_names():
            return str(name)
    return "?"


def _sentence(complaint: Complaint) -> str:
    if expected := _EXPECTED.search(complaint.message.strip()):
        return _("expected here: %(names)s") % {"names": expected[1].replace(f"{{{NAMESPACE}}}", "")}
    sentences = {
        "SCHEMAV_CVC_MAXLENGTH_VALID": _("the value is too long"),
        "SCHEMAV_CVC_PATTERN_VALID": _("the value does not have the prescribed form"),
        "SCHEMAV_CVC_ENUMERATION_VALID": _("the value is none of those allowed"),
        "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": _("the value is not of the prescribed type"),
        "SCHEMAV_CVC_ELT_1": _("no document of the protocol begins with this element"),
        "SCHEMAV_ELEMENT_CONTENT": _("this element does not belong here"),
    }
    return sentences.get(complaint.rule) or _("not valid (%(rule)s)") % {"rule": complaint.rule}
