"""How UDK Debitor's database came to its present tables. Start reading in `database/migrating.py`."""

from sf2530.database import tables as archive
from sf2530.debitor import tables
from sf2530.exchange import tables as exchange

metadata = (tables.metadata, exchange.metadata, archive.metadata)
