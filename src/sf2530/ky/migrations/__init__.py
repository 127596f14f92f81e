"""How KY's database came to its present tables, step by step. Start reading in `database/migrating.py`."""

from sf2530.database import tables as archive
from sf2530.exchange import tables as exchange
from sf2530.ky import tables

metadata = (tables.metadata, exchange.metadata, archive.metadata)
