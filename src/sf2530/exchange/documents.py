"""The five XML documents of the SFTP protocol as values: what each of them says, without its spelling.

`xml_writing` turns them into bytes and `xml_reading` makes them out of bytes. The rules are those of
Serviceplatformen's SFTP component; `schemas/documents.xsd` states them for a machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

NAMESPACE: Final = "http://serviceplatformen.dk/xml/wsdl/soap11/SFTP/1/types"
ROUTING_RECIPIENT: Final = "ROUTING_V1_0_0"  # the one recipient a trigger names when the hub is to find it
SUCCESS: Final = "SUCCESS"  # the message of a technical receipt that closes a delivery
LONGEST_TEXT: Final = 255  # characters in a file name, a user name or a sender's file id
LARGEST_SIZE: Final = 2**64 - 1  # bytes; the size field is an unsigned 64-bit number
UUID_FORM: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # lower case only
AUTHORITY_FORM: Final = re.compile(r"urn:oio:cvr-nr:[0-9]{8}")


class MetadataRoot(StrEnum):
    """The root elements a metadata file is seen with: today's, and the one older clients insist on."""

    FILE_METADATA = "FileMetadata"
    TRIGGER = "Trigger"


class Acceptance(StrEnum):
    """What became of a file in a controlled transfer."""

    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    COULD_NOT_NOTIFY = "COULD_NOT_NOTIFY_RECIPIENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDescriptor:
    """Which file, from whom, for whom. Senders and recipients are SFTP user names."""

    file_name: str
    size_bytes: int
    sender: str
    recipients: tuple[str, ...]
    senders_file_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicRouting:
    """What the hub finds the recipient by when the trigger does not name one.

    It-systems and the transaction are lower-case UUIDs, authorities are `urn:oio:cvr-nr:` and eight
    digits. `sender_timestamp` is aware. With `recipient_it_system` the routing is explicit, without it
    implicit; `value_date` is the published route parameter: the day the route must be valid on.
    """

    inf_ref: str
    sender_it_system: str
    sender_authority: str
    transaction_id: str
    sender_timestamp: datetime
    recipient_authority: str
    recipient_it_system: str | None = None
    value_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A sender's word that a file lies complete in its `OUT` and is to be carried.

    `foreign` holds what an integration of its own has put into the content descriptor: one XML
    element a piece, in another namespace, as bytes. There is either routing or foreign content.
    """

    descriptor: FileDescriptor
    routing: DynamicRouting | None = None
    foreign: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMetadata:
    """The hub's word to a recipient about a file in its `IN`; `transfer_id` names the transfer."""

    transfer_id: str
    descriptor: FileDescriptor
    routing: DynamicRouting | None = None
    foreign: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorMessage:
    """One reason for a refusal: a number, the name of that number, and what is the matter this time."""

    code: int
    description: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicalReceipt:
    """The hub's answer to a trigger: either a message or at least one error."""

    transfer_id: str
    senders_file_id: str | None = None
    message: str | None = None
    errors: tuple[ErrorMessage, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Tell if the file was delivered. Any message other than SUCCESS is for a person to judge."""
        return self.message == SUCCESS and not self.errors


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessReceipt:
    """A recipient's verdict on a file of a controlled transfer, or the hub's that it was not reached."""

    transfer_id: str
    file_name: str
    recipient: str
    acceptance: Acceptance
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessResponse:
    """The sender's answer to a business receipt: a message, or errors, or nothing at all."""

    message: str | None = None
    errors: tuple[ErrorMessage, ...] = ()


Document = Trigger | FileMetadata | TechnicalReceipt | BusinessReceipt | BusinessResponse
