"""Read a trigger against the place it was found in: what it says, or why it can't be acted on."""

from __future__ import annotations

from dataclasses import dataclass

from sf2530.exchange.documents import ROUTING_RECIPIENT, Trigger
from sf2530.exchange.file_names import FileNameRefused, check_data_file_name
from sf2530.exchange.xml_parsing import DocumentError
from sf2530.exchange.xml_reading import read_trigger
from sf2530.hub.error_codes import ErrorCode, RoutingError
from sf2530.language import _


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTrigger:
    """A trigger as it was read. `trigger` is None only if it could not be read at all."""

    data_name: str
    trigger: Trigger | None
    errors: tuple[RoutingError, ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        """Name the recipients, each once, sorted."""
        return tuple(sorted(set(self.trigger.descriptor.recipients))) if self.trigger else ()

    @property
    def senders_file_id(self) -> str | None:
        """Give the sender's own id of the file, if it wrote one."""
        return self.trigger.descriptor.senders_file_id if self.trigger else None


def read(content: bytes, *, data_name: str, sender: str) -> ReadTrigger:
    """Read the trigger that lay in `sender`'s `OUT` as `data_name` and `.trigger`."""
    try:
        trigger = read_trigger(content)
    except DocumentError as error:
        detail = f"{error.what} ({error.where})." if error.where else f"{error.what}."
        unreadable = RoutingError(code=ErrorCode.TRIGGER_UNREADABLE, detail=detail)
        return ReadTrigger(data_name=data_name, trigger=None, errors=(unreadable,))
    errors = [*_name_errors(trigger, data_name), *_address_errors(trigger, sender)]
    return ReadTrigger(data_name=data_name, trigger=trigger, errors=tuple(errors))


def _name_errors(trigger: Trigger, data_name: str) -> list[RoutingError]:
    if trigger.descriptor.file_name != data_name:
        detail = _("FileName is %(stated)s, but the trigger lies there for %(name)s.")
        names = {"stated": trigger.descriptor.file_name, "name": data_name}
        return [RoutingError(code=ErrorCode.NAME_DIFFERS, detail=detail % names)]
    try:
        check_data_file_name(data_name)
    except FileNameRefused as error:
        return [RoutingError(code=ErrorCode.FILE_NAME_UNUSABLE, detail=f"{error.what}.")]
    return []


def _address_errors(trigger: Trigger, sender: str) -> list[RoutingError]:
    errors = []
    if trigger.descriptor.sender != sender:
        detail = _("Sender is %(stated)s, but %(sender)s is logged in.")
        names = {"stated": trigger.descriptor.sender, "sender": sender}
        errors.append(RoutingError(code=ErrorCode.SENDER_IS_ANOTHER, detail=detail % names))
    if ROUTING_RECIPIENT in trigger.descriptor.recipients or trigger.routing is not None:
        detail = _("The trigger asks the hub to find the recipient.")
        errors.append(RoutingError(code=ErrorCode.ROUTING_NOT_OFFERED, detail=detail))
    return errors
