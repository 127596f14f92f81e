"""A hub that runs, with KY, UDKDEB and a third system, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.party.hub.hub_town import Client, HubTown, make_settings

from sf2530.hub.serving import serving


@pytest.fixture
def hub_settings() -> dict[str, object]:
    """Give what differs from the usual settings; a test module may say otherwise."""
    return {}


@pytest.fixture
async def town(tmp_path: Path, database_url: str, hub_settings: dict[str, object]) -> AsyncIterator[HubTown]:
    """Give a hub that runs, with a route from KY to UDKDEB and one back."""
    async with serving(make_settings(tmp_path, database_url, **hub_settings)) as hub:
        town = HubTown(hub)
        for name in ("KY", "UDKDEB", "OTHER"):
            town.has_system(name)
        town.has_route("KY", "UDKDEB")
        town.has_route("UDKDEB", "KY")
        yield town


@pytest.fixture
async def ky(town: HubTown) -> AsyncIterator[Client]:
    """Give KY's session."""
    async with town.client("KY") as client:
        yield client


@pytest.fixture
async def udk(town: HubTown) -> AsyncIterator[Client]:
    """Give UDK Debitor's session."""
    async with town.client("UDKDEB") as client:
        yield client


@pytest.fixture
async def other(town: HubTown) -> AsyncIterator[Client]:
    """Give the session of a system that has no routes."""
    async with town.client("OTHER") as client:
        yield client
