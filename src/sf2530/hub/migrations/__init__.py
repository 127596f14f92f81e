"""How the hub's database came to its present tables, step by step; see `database/migrating.py`."""

from sf2530.database import tables as archive
from sf2530.hub import tables

metadata = (tables.metadata, archive.metadata)
