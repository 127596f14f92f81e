"""Decide what a trigger leads to. Pure: the trigger and the facts come in, one decision goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sf2530.exchange.documents import MetadataRoot
from sf2530.hub.error_codes import ErrorCode, RoutingError
from sf2530.hub.triggers import ReadTrigger
from sf2530.language import _


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """The data file as it lies in `OUT`."""

    size: int
    sha256: str
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """What matters about a recipient: `has_unread` tells of a file of this name still in its `IN`."""

    system_id: int
    metadata_root: MetadataRoot
    active: bool
    has_route: bool
    has_unread: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier delivery of the same name from the same sender, the latest of its kind first."""

    transfer_id: int
    senders_file_id: str | None
    recipients: tuple[str, ...]
    size: int
    sha256: str
    unread: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a decision rests on, as it stands in the transaction that carries it out."""

    data: DataFile | None
    recipients: Mapping[str, Recipient]  # the known ones
    earlier: Sequence[Earlier]
    may_wait: bool


@dataclass(frozen=True, slots=True)
class Deliver:
    """Put the data file into the `IN` of every recipient, by name."""

    data: DataFile
    recipients: Mapping[str, Recipient]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Give the receipt of an earlier transfer again; deliver nothing."""

    transfer_id: int


@dataclass(frozen=True, slots=True)
class Refuse:
    """Give a receipt with these errors; the data file stays in `OUT`."""

    errors: tuple[RoutingError, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Leave the trigger in `OUT` until its data file is complete."""


Decision = Deliver | Repeat | Refuse | Wait


def decide(trigger: ReadTrigger, facts: Facts) -> Decision:
    """Decide what a trigger leads to; every error that can be seen at once is told at once.

    What is wrong in the trigger itself is refused without waiting. A repeat is recognised before the
    way is checked: what was delivered stays delivered, even if the route has been closed since.
    """
    if trigger.errors:
        return Refuse(trigger.errors)
    data_errors = _data_errors(trigger, facts.data)
    if data_errors and facts.may_wait and not (facts.data and facts.data.complete):
        return Wait()
    if (earlier := _repeated(trigger, facts)) is not None:
        return Repeat(earlier.transfer_id)
    errors = (*data_errors, *_way_errors(trigger, facts.recipients))
    if errors or facts.data is None:
        return Refuse(errors)
    return Deliver(facts.data, {name: facts.recipients[name] for name in trigger.recipients})


def _repeated(trigger: ReadTrigger, facts: Facts) -> Earlier | None:
    """Find the delivery that this trigger repeats: same id, name, recipients and bytes.

    A trigger whose data file is not there any more (its receipt got lost, say) repeats by its size.
    Without an id from the sender, only what lies unread is a repeat: a daily file with the same bytes
    as yesterday's is a file of its own (assumption 16).
    """
    for earlier in facts.earlier:
        same_id = earlier.senders_file_id == trigger.senders_file_id
        remembered = earlier.unread or earlier.senders_file_id is not None
        same_bytes = _has_bytes_of(earlier, trigger, facts.data)
        if same_id and remembered and same_bytes and earlier.recipients == trigger.recipients:
            return earlier
    return None


def _has_bytes_of(earlier: Earlier, trigger: ReadTrigger, data: DataFile | None) -> bool:
    stated = trigger.trigger.descriptor.size_bytes if trigger.trigger else None
    if data is None:
        return earlier.senders_file_id is not None and stated == earlier.size
    return data.complete and data.sha256 == earlier.sha256 and stated == earlier.size


def _data_errors(trigger: ReadTrigger, data: DataFile | None) -> list[RoutingError]:
    name = trigger.data_name
    if data is None:
        detail = _("There is no file %(name)s.") % {"name": name}
        return [RoutingError(code=ErrorCode.DATA_MISSING, detail=detail)]
    if not data.complete:
        detail = _("The upload of %(name)s was broken off or is still going on.") % {"name": name}
        return [RoutingError(code=ErrorCode.DATA_UNFINISHED, detail=detail)]
    stated = trigger.trigger.descriptor.size_bytes if trigger.trigger else None
    if stated != data.size:
        detail = _("SizeInBytes is %(stated)s, but %(name)s has %(size)s bytes.")
        facts = {"stated": stated, "name": name, "size": data.size}
        return [RoutingError(code=ErrorCode.SIZE_DIFFERS, detail=detail % facts)]
    return []


def _way_errors(trigger: ReadTrigger, known: Mapping[str, Recipient]) -> list[RoutingError]:
    errors = []
    for name in trigger.recipients:
        if (code := _way_error(known.get(name))) is not None:
            detail = _("Recipient: %(name)s.") % {"name": name}
            errors.append(RoutingError(code=code, detail=detail))
    return errors


def _way_error(recipient: Recipient | None) -> ErrorCode | None:
    # A recipient without a route from this sender tells no more about itself than that.
    if recipient is None:
        return ErrorCode.RECIPIENT_UNKNOWN
    if not recipient.has_route:
        return ErrorCode.ROUTE_MISSING
    if not recipient.active:
        return ErrorCode.RECIPIENT_DISABLED
    return ErrorCode.NAME_IN_USE if recipient.has_unread else None
