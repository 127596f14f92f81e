"""What goes into one commit together succeeds and fails each by itself, unless the database is gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from tests.party.hub.hub_town import PATIENCE, HubTown

from sf2530.database.errors import ArchiveUnreachable, DatabaseUnreachable

Verb = Callable[[sa.Connection], Any]


async def together(town: HubTown, *verbs: Verb) -> list[object]:
    """Hand verbs in while another one is under way, so that they share a commit; gives what comes of each."""
    committer, under_way, go_on = town.hub.services.committer, threading.Event(), threading.Event()

    def hold_up(_tx: sa.Connection) -> None:
        under_way.set()
        assert go_on.wait(PATIENCE)

    first = asyncio.create_task(committer.commit(hold_up))
    assert await asyncio.to_thread(under_way.wait, PATIENCE)
    rest = [asyncio.create_task(committer.commit(verb)) for verb in verbs]
    await asyncio.sleep(0)  # so that all of them are handed in
    go_on.set()
    await first
    return list(await asyncio.gather(*rest, return_exceptions=True))


def failing(error: Exception) -> Verb:
    def fail(_tx: sa.Connection) -> None:
        raise error

    return fail


@pytest.mark.parametrize("error", [ZeroDivisionError(), ArchiveUnreachable("the disk of this one")])
async def test_a_verb_that_fails_takes_no_other_with_it(town: HubTown, error: Exception) -> None:
    assert await together(town, failing(error), lambda _tx: "done") == [error, "done"]


async def test_a_database_that_is_gone_is_gone_for_all(town: HubTown) -> None:
    error = DatabaseUnreachable("gone")
    assert await together(town, failing(error), lambda _tx: "done") == [error, error]
