"""How the hub stands to its database."""

from __future__ import annotations

from tests.party.hub.hub_town import HubTown

from sf2530.database.engines import APPLICATION


def test_the_hubs_connections_bear_its_name_as_every_partys_do(town: HubTown) -> None:
    """So that an operator who looks at PostgreSQL's connections sees whose they are."""
    assert town.hub.engine.get_execution_options()[APPLICATION] == "sf2530 hub"
