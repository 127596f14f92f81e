"""What a trigger leads to, decided from facts alone."""

from __future__ import annotations

from typing import Any

import pytest

from sf2530.exchange.documents import FileDescriptor, MetadataRoot, Trigger
from sf2530.hub.error_codes import ErrorCode, explanations
from sf2530.hub.routing import DataFile, Deliver, Earlier, Facts, Recipient, Refuse, Repeat, Wait, decide
from sf2530.hub.triggers import ReadTrigger

DATA = DataFile(size=7, sha256="aa", complete=True)


def recipient(**more: Any) -> Recipient:
    usual: dict[str, Any] = {
        "system_id": 2,
        "metadata_root": MetadataRoot.FILE_METADATA,
        "active": True,
        "has_route": True,
        "has_unread": False,
    }
    return Recipient(**usual | more)


def trigger(**more: Any) -> ReadTrigger:
    usual: dict[str, Any] = {
        "file_name": "A",
        "size_bytes": 7,
        "sender": "KY",
        "recipients": ("UDK",),
        "senders_file_id": "1",
    }
    return ReadTrigger(data_name="A", trigger=Trigger(descriptor=FileDescriptor(**usual | more)))


def facts(**more: Any) -> Facts:
    usual: dict[str, Any] = {
        "data": DATA,
        "recipients": {"UDK": recipient()},
        "earlier": (),
        "may_wait": False,
    }
    return Facts(**usual | more)


def earlier(**more: Any) -> Earlier:
    usual: dict[str, Any] = {
        "transfer_id": 9,
        "senders_file_id": "1",
        "recipients": ("UDK",),
        "size": 7,
        "sha256": "aa",
        "unread": False,
    }
    return Earlier(**usual | more)


def test_all_in_order_is_delivered() -> None:
    assert decide(trigger(), facts()) == Deliver(DATA, {"UDK": recipient()})


@pytest.mark.parametrize("data", [None, DataFile(size=7, sha256="aa", complete=False)])
def test_a_file_that_may_still_come_is_waited_for(data: DataFile | None) -> None:
    assert decide(trigger(), facts(data=data, may_wait=True)) == Wait()


def test_a_whole_file_of_the_wrong_size_is_not_waited_for() -> None:
    decision = decide(trigger(size_bytes=8), facts(may_wait=True))
    assert isinstance(decision, Refuse)
    assert [error.code for error in decision.errors] == [ErrorCode.SIZE_DIFFERS]


@pytest.mark.parametrize(
    ("present", "code"),
    [
        ({}, ErrorCode.RECIPIENT_UNKNOWN),
        ({"UDK": recipient(has_route=False, active=False)}, ErrorCode.ROUTE_MISSING),
        ({"UDK": recipient(active=False, has_unread=True)}, ErrorCode.RECIPIENT_DISABLED),
        ({"UDK": recipient(has_unread=True)}, ErrorCode.NAME_IN_USE),
    ],
)
def test_a_way_that_is_barred_is_refused_for_one_reason(
    present: dict[str, Recipient], code: ErrorCode
) -> None:
    decision = decide(trigger(), facts(recipients=present))
    assert isinstance(decision, Refuse)
    assert [error.code for error in decision.errors] == [code]


def test_a_repeat_is_known_even_if_the_route_was_closed_since() -> None:
    closed = {"UDK": recipient(has_route=False)}
    assert decide(trigger(), facts(recipients=closed, earlier=(earlier(),))) == Repeat(9)


@pytest.mark.parametrize(
    "difference",
    [{"senders_file_id": "2"}, {"sha256": "bb"}, {"size": 8}, {"recipients": ("OTHER",)}],
)
def test_anything_that_differs_makes_it_a_file_of_its_own(difference: dict[str, Any]) -> None:
    assert isinstance(decide(trigger(), facts(earlier=(earlier(**difference),))), Deliver)


@pytest.mark.parametrize("unread", [True, False])
def test_without_an_id_only_what_lies_unread_is_a_repeat(*, unread: bool) -> None:
    before = earlier(senders_file_id=None, unread=unread)
    decision = decide(trigger(senders_file_id=None), facts(earlier=(before,)))
    assert isinstance(decision, Repeat if unread else Deliver)


def test_a_trigger_alone_repeats_by_its_size_once_it_may_not_wait() -> None:
    gone = facts(data=None, earlier=(earlier(),))
    assert decide(trigger(), gone) == Repeat(9)
    assert isinstance(decide(trigger(size_bytes=8), gone), Refuse)
    assert decide(trigger(), facts(data=None, earlier=(earlier(),), may_wait=True)) == Wait()


def test_every_error_code_is_explained() -> None:
    assert set(explanations()) == set(ErrorCode)
    assert all(each.meaning and each.remedy for each in explanations().values())
