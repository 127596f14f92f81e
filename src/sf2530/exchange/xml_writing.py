"""Write the documents of the protocol: valid against `schemas/documents.xsd`, or not at all."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final, assert_never

from lxml import etree

from sf2530.errors import DataError
from sf2530.exchange.documents import (
    AUTHORITY_FORM,
    LARGEST_SIZE,
    LONGEST_TEXT,
    NAMESPACE,
    UUID_FORM,
    BusinessReceipt,
    BusinessResponse,
    Document,
    DynamicRouting,
    ErrorMessage,
    FileDescriptor,
    FileMetadata,
    MetadataRoot,
    TechnicalReceipt,
    Trigger,
)
from sf2530.exchange.xml_parsing import LARGEST_DOCUMENT, SPACE, DocumentError, parse
from sf2530.language import _

# SPSFTP looks for "ns2:Trigger", prefix and all; to everyone else the prefix is free.
_PREFIX: Final = "ns2"
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTS: Final = range(-(2**31), 2**31)


class UnwritableDocument(DataError):
    """A value has no place in a document of the protocol. The texts name the element, not the value."""

    code = "document-unwritable"


def write(document: Document) -> bytes:
    """Write a document: UTF-8 with declaration, the root prefixed, its children not, order fixed.

    The same document always gives the same bytes. White space around messages and descriptions is left
    out, since readers trim it. Raises UnwritableDocument if a value would make the document invalid or
    would not be read back as it was.
    """
    match document:
        case Trigger():
            root = _root("Trigger")
            return _serialise(_with_file(root, document), pretty=not document.foreign)
        case FileMetadata():
            return write_metadata(document)
        case TechnicalReceipt():
            root = _technical_receipt(document)
        case BusinessReceipt():
            root = _business_receipt(document)
        case BusinessResponse():
            root = _business_response(document)
        case _:
            assert_never(document)
    return _serialise(root)


def write_metadata(metadata: FileMetadata, *, root: MetadataRoot = MetadataRoot.FILE_METADATA) -> bytes:
    """Write metadata, under the root that the recipient's client expects.

    Today's root is FileMetadata. Clients from before, SPSFTP among them, read only `ns2:Trigger` with
    FileTransferUUID in it. Raises UnwritableDocument, as `write` does.
    """
    element = _root(root.value)
    _short(element, "FileTransferUUID", metadata.transfer_id)
    return _serialise(_with_file(element, metadata), pretty=not metadata.foreign)


def _root(name: str) -> etree._Element:
    return etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={_PREFIX: NAMESPACE})


def _serialise(root: etree._Element, *, pretty: bool = True) -> bytes:
    data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=pretty)
    if len(data) > LARGEST_DOCUMENT:
        raise _unwritable(etree.QName(root).localname, _("larger than %(n)s bytes") % {"n": LARGEST_DOCUMENT})
    return data


def _with_file(root: etree._Element, document: Trigger | FileMetadata) -> etree._Element:
    if document.routing and document.foreign:
        raise _unwritable("FileContentDescriptor", _("routing and foreign content at once"))
    _descriptor(etree.SubElement(root, "FileDescriptor"), document.descriptor)
    content = etree.SubElement(root, "FileContentDescriptor")
    if document.routing:
        _routing(etree.SubElement(content, "SFTPDynamicRoutingInfo"), document.routing)
    for piece in document.foreign:
        content.append(_foreign(piece))  # and no indenting afterwards: that would change it
    return root


def _descriptor(parent: etree._Element, descriptor: FileDescriptor) -> None:
    if not descriptor.recipients:
        raise _unwritable("Recipients", _("missing"))
    _short(parent, "FileName", descriptor.file_name)
    _number(parent, "SizeInBytes", descriptor.size_bytes, range(LARGEST_SIZE + 1))
    _short(parent, "Sender", descriptor.sender)
    if descriptor.senders_file_id is not None:
        _short(parent, "SendersFileId", descriptor.senders_file_id)
    for recipient in descriptor.recipients:
        _short(parent, "Recipients", recipient)


def _routing(parent: etree._Element, routing: DynamicRouting) -> None:
    _short(parent, "InfRef", routing.inf_ref)
    _matching(parent, "SenderIt-system", routing.sender_it_system, UUID_FORM)
    _matching(parent, "SenderAuthority", routing.sender_authority, AUTHORITY_FORM)
    _matching(parent, "TransactionId", routing.transaction_id, UUID_FORM)
    _instant(parent, "SenderTimestamp", routing.sender_timestamp)
    if routing.recipient_it_system is not None:
        _matching(parent, "RecipientIt-system", routing.recipient_it_system, UUID_FORM)
    _matching(parent, "RecipientAuthority", routing.recipient_authority, AUTHORITY_FORM)
    if routing.value_date is not None:
        parameters = etree.SubElement(parent, "RouteParameterList")
        parameter = etree.SubElement(parameters, "RouteParameter")
        _add(parameter, f"{{{NAMESPACE}}}RouteSelectionValueDate", routing.value_date.isoformat())


def _foreign(piece: bytes) -> etree._Element:
    try:
        element = parse(piece)
    except DocumentError as error:
        raise _unwritable("FileContentDescriptor", error.what) from error
    if etree.QName(element).namespace in {None, NAMESPACE}:
        raise _unwritable("FileContentDescriptor", _("foreign content without a namespace of its own"))
    return element


def _technical_receipt(receipt: TechnicalReceipt) -> etree._Element:
    if (receipt.message is None) == (not receipt.errors):
        raise _unwritable("TechnicalReceipt", _("neither or both of message and errors"))
    root = _root("TechnicalReceipt")
    _short(root, "FileTransferUUID", receipt.transfer_id)
    if receipt.senders_file_id is not None:
        _short(root, "SendersFileId", receipt.senders_file_id)
    if receipt.message is not None:
        _prose(etree.SubElement(root, "Receipt"), "Message", receipt.message)
    _errors(root, receipt.errors)
    return root


def _business_receipt(receipt: BusinessReceipt) -> etree._Element:
    root = _root("BusinessReceipt")
    _short(root, "FileTransferUUID", receipt.transfer_id)
    _short(root, "Filename", receipt.file_name)
    _short(root, "Recipient", receipt.recipient)
    _add(root, "FileAcceptance", receipt.acceptance.value)
    if receipt.reason is not None:
        _prose(root, "Reason", receipt.reason)
    return root


def _business_response(response: BusinessResponse) -> etree._Element:
    if response.message is not None and response.errors:
        raise _unwritable("BusinessResponse", _("both a message and errors"))
    root = _root("BusinessResponse")
    if response.message is not None:
        _prose(root, "ResponseMessage", response.message)
    _errors(root, response.errors)
    return root


def _errors(root: etree._Element, errors: tuple[ErrorMessage, ...]) -> None:
    for error in errors:
        parent = etree.SubElement(root, "ErrorMessage")
        _number(parent, "ErrorCode", error.code, _INTS)
        _prose(parent, "ErrorCodeDescription", error.description)
        _prose(parent, "ErrorDescription", error.detail)


def _short(parent: etree._Element, name: str, value: str) -> None:
    """Add a name or an id: not empty, LONGEST_TEXT characters, and nothing that a reader would trim."""
    if not value or len(value) > LONGEST_TEXT:
        raise _unwritable(name, _("not 1 to %(longest)s characters long") % {"longest": LONGEST_TEXT})
    if value != value.strip(SPACE):
        raise _unwritable(name, _("surrounded by white space"))
    _add(parent, name, value)


def _matching(parent: etree._Element, name: str, value: str, pattern: re.Pattern[str]) -> None:
    if not pattern.fullmatch(value):
        raise _unwritable(name, _("not of the form %(pattern)s") % {"pattern": pattern.pattern})
    _add(parent, name, value)


def _number(parent: etree._Element, name: str, value: int, allowed: range) -> None:
    if value not in allowed:
        raise _unwritable(
            name,
            _("not between %(least)s and %(most)s") % {"least": allowed.start, "most": allowed.stop - 1},
        )
    _add(parent, name, str(value))


def _instant(parent: etree._Element, name: str, value: datetime) -> None:
    if value.tzinfo is None:
        raise _unwritable(name, _("a time without a time zone"))
    _add(parent, name, value.astimezone(UTC).isoformat().replace("+00:00", "Z"))


def _prose(parent: etree._Element, name: str, value: str) -> None:
    _add(parent, name, value.strip(SPACE))


def _add(parent: etree._Element, name: str, text: str) -> None:
    if _NOT_XML.search(text):
        raise _unwritable(etree.QName(name).localname, _("a character that XML cannot hold"))
    etree.SubElement(parent, name).text = text


def _unwritable(name: str, complaint: str) -> UnwritableDocument:
    return UnwritableDocument(
        _("%(name)s cannot be written: %(complaint)s") % {"name": name, "complaint": complaint},
        where=name,
        remedy=_("Correct the value where it is entered: a setting, a system's address, or a file's name."),
    )
