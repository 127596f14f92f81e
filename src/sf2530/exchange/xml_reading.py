"""Read the documents of the protocol as real systems write them, which is not always by the book.

Accepted: any prefix, children in the namespace or in none and in any order, white space around values,
metadata under either root, a missing FileContentDescriptor, foreign content in it, elements nobody knows.
Refused with DocumentError: a value that is missing, stands twice or cannot mean anything.
`xml_checking.violations` tells how far a document is from the book.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final, TypeVar

from lxml import etree

from sf2530.denmark import business_time
from sf2530.exchange.documents import (
    AUTHORITY_FORM,
    LARGEST_SIZE,
    LONGEST_TEXT,
    NAMESPACE,
    UUID_FORM,
    Acceptance,
    BusinessReceipt,
    BusinessResponse,
    DynamicRouting,
    ErrorMessage,
    FileDescriptor,
    FileMetadata,
    MetadataRoot,
    TechnicalReceipt,
    Trigger,
)
from sf2530.exchange.xml_parsing import SPACE, DocumentError, parse, place, refusal
from sf2530.language import _

_T = TypeVar("_T")
_ZONE: Final = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
_DATE: Final = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}){_ZONE}")
_INSTANT: Final = re.compile(rf"[0-9]{{4}}(-[0-9]{{2}}){{2}}T[0-9]{{2}}(:[0-9]{{2}}){{2}}(\.[0-9]+)?{_ZONE}")
_LONGEST_NUMBER: Final = 20  # digits of the largest unsigned 64-bit number


def read_trigger(data: bytes) -> Trigger:
    """Read a trigger. Raises DocumentError with the line and the element."""
    root = _root(data, "Trigger")
    routing, foreign = _content(root)
    return Trigger(descriptor=_descriptor(root), routing=routing, foreign=foreign)


def read_metadata(data: bytes) -> FileMetadata:
    """Read metadata under either of its roots. Raises DocumentError with the line and the element."""
    root = _root(data, *MetadataRoot)
    routing, foreign = _content(root)
    return FileMetadata(
        transfer_id=_short(root, "FileTransferUUID"),
        descriptor=_descriptor(root),
        routing=routing,
        foreign=foreign,
    )


def read_technical_receipt(data: bytes) -> TechnicalReceipt:
    """Read a technical receipt. Raises DocumentError, also when it says neither yes nor no."""
    root = _root(data, "TechnicalReceipt")
    receipt = _child(root, "Receipt")
    errors = _errors(root)
    if receipt is None and not errors:
        raise _wrong(root, _("The receipt holds neither a message nor an error"))
    return TechnicalReceipt(
        transfer_id=_short(root, "FileTransferUUID"),
        senders_file_id=_optional_short(root, "SendersFileId"),
        message=None if receipt is None else _prose(receipt, "Message"),
        errors=errors,
    )


def read_business_receipt(data: bytes) -> BusinessReceipt:
    """Read a business receipt. Raises DocumentError with the line and the element.

    Simple transfer has none: controlled transfer will read them with this.
    """
    root = _root(data, "BusinessReceipt")
    return BusinessReceipt(
        transfer_id=_short(root, "FileTransferUUID"),
        file_name=_short(root, "Filename"),
        recipient=_short(root, "Recipient"),
        acceptance=_value(root, "FileAcceptance", Acceptance),
        reason=_optional_prose(root, "Reason"),
    )


def read_business_response(data: bytes) -> BusinessResponse:
    """Read a business response, which may be empty. Raises DocumentError with the line and the element.

    Simple transfer has none: controlled transfer will read them with this.
    """
    root = _root(data, "BusinessResponse")
    return BusinessResponse(message=_optional_prose(root, "ResponseMessage"), errors=_errors(root))


def _root(data: bytes, *names: str) -> etree._Element:
    root = parse(data)
    name = etree.QName(root)
    if name.localname not in names:
        raise refusal(
            _("The document is not a %(names)s") % {"names": " / ".join(names)},
            where=place(root, "?"),
        )
    if name.namespace != NAMESPACE:
        raise _wrong(root, _("The root element is not in the namespace %(name)s") % {"name": NAMESPACE})
    return root


def _descriptor(root: etree._Element) -> FileDescriptor:
    parent = _required(root, "FileDescriptor")
    recipients = tuple(_short_text(element) for element in _children(parent, "Recipients"))
    if not recipients:
        raise _missing(parent, "Recipients")
    return FileDescriptor(
        file_name=_short(parent, "FileName"),
        size_bytes=_value(parent, "SizeInBytes", _size),
        sender=_short(parent, "Sender"),
        recipients=recipients,
        senders_file_id=_optional_short(parent, "SendersFileId"),
    )


def _content(root: etree._Element) -> tuple[DynamicRouting | None, tuple[bytes, ...]]:
    content = _child(root, "FileContentDescriptor")
    if content is None:
        return None, ()
    if (info := _child(content, "SFTPDynamicRoutingInfo")) is not None:
        return _routing(info), ()
    others = [element for element in content if etree.QName(element).namespace not in {None, NAMESPACE}]
    return None, tuple(
        etree.tostring(each, method="c14n", exclusive=True, with_tail=False) for each in others
    )


def _routing(info: etree._Element) -> DynamicRouting:
    has_recipient = _child(info, "RecipientIt-system") is not None
    return DynamicRouting(
        inf_ref=_short(info, "InfRef"),
        sender_it_system=_value(info, "SenderIt-system", _uuid),
        sender_authority=_value(info, "SenderAuthority", _authority),
        transaction_id=_value(info, "TransactionId", _uuid),
        sender_timestamp=_value(info, "SenderTimestamp", _instant),
        recipient_it_system=_value(info, "RecipientIt-system", _uuid) if has_recipient else None,
        recipient_authority=_value(info, "RecipientAuthority", _authority),
        value_date=_value_date(info),
    )


def _value_date(info: etree._Element) -> date | None:
    parameters = _child(info, "RouteParameterList")
    if parameters is None:
        return None
    for parameter in _children(parameters, "RouteParameter"):
        if _child(parameter, "RouteSelectionValueDate") is not None:
            return _value(parameter, "RouteSelectionValueDate", _date)
    return None


def _errors(root: etree._Element) -> tuple[ErrorMessage, ...]:
    return tuple(
        ErrorMessage(
            code=_value(element, "ErrorCode", _int),
            description=_prose(element, "ErrorCodeDescription"),
            detail=_prose(element, "ErrorDescription"),
        )
        for element in _children(root, "ErrorMessage")
    )


def _children(parent: etree._Element, name: str) -> list[etree._Element]:
    """Give the children of that name, whether they are in the namespace or, as they should be, in none."""
    return [child for child in parent if child.tag in {name, f"{{{NAMESPACE}}}{name}"}]


def _child(parent: etree._Element, name: str) -> etree._Element | None:
    found = _children(parent, name)
    if len(found) > 1:
        raise _wrong(found[1], _("%(name)s stands more than once") % {"name": name})
    return found[0] if found else None


def _required(parent: etree._Element, name: str) -> etree._Element:
    if (element := _child(parent, name)) is None:
        raise _missing(parent, name)
    return element


def _text(element: etree._Element) -> str:
    if len(element):
        raise _wrong(element, _("Elements stand where there should be text"))
    return (element.text or "").strip(SPACE)


def _short_text(element: etree._Element) -> str:
    text = _text(element)
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise _wrong(
            element, _("The value is empty or longer than %(limit)s characters") % {"limit": LONGEST_TEXT}
        )
    return text


def _short(parent: etree._Element, name: str) -> str:
    return _short_text(_required(parent, name))


def _optional_short(parent: etree._Element, name: str) -> str | None:
    element = _child(parent, name)
    return None if element is None or not _text(element) else _short_text(element)


def _prose(parent: etree._Element, name: str) -> str:
    return _text(_required(parent, name))


def _optional_prose(parent: etree._Element, name: str) -> str | None:
    element = _child(parent, name)
    return None if element is None else _text(element)


def _value(parent: etree._Element, name: str, read: Callable[[str], _T]) -> _T:
    element = _required(parent, name)
    try:
        return read(_text(element))
    except (ValueError, OverflowError):
        raise _wrong(element, _("The value of %(name)s has no meaning") % {"name": name}) from None


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise ValueError("not a number")
    if (size := int(text)) > LARGEST_SIZE:
        raise ValueError("too large")
    return size


def _int(text: str) -> int:
    return -_size(text[1:]) if text.startswith("-") else _size(text)


def _uuid(text: str) -> str:
    # The schema wants lower case. Other case means the same system, and is put right here.
    if not UUID_FORM.fullmatch(text.lower()):
        raise ValueError("not a UUID")
    return text.lower()


def _authority(text: str) -> str:
    if not AUTHORITY_FORM.fullmatch(text):
        raise ValueError("not a CVR number as URN")
    return text


def _date(text: str) -> date:
    if not (match := _DATE.fullmatch(text)):
        raise ValueError("not a date")
    return date.fromisoformat(match[1])


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise ValueError("not a time")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:  # the schema allows it; the senders are Danish
        return business_time.instant(moment.date(), moment.time())
    return moment.astimezone(UTC)


def _missing(parent: etree._Element, name: str) -> DocumentError:
    return _wrong(parent, _("%(name)s is missing") % {"name": name})


def _wrong(element: etree._Element, what: str) -> DocumentError:
    return refusal(what, where=place(element, etree.QName(element).localname))
