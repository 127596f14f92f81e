"""Fill the table of benefits: cash benefit, the four it took over from on 1 July 2025, and others KY pays.

The codes are ours (assumption: the official ones are not public).
"""

import sqlalchemy as sa
from alembic import op

revision = "ky_0002"
down_revision = "ky_0001"

_BENEFITS = (
    ("KTH", "Kontanthjælp", True),
    ("UDH", "Uddannelseshjælp", True),
    ("OVG", "Overgangsydelse", True),
    ("SHY", "Selvforsørgelses- og hjemrejseydelse", True),
    ("LED", "Ledighedsydelse", False),
    ("REV", "Revalideringsydelse", False),
    ("RES", "Ressourceforløbsydelse", False),
)


def upgrade() -> None:
    """Bring the database from the revision before to this one."""
    benefit = sa.table("benefit", sa.column("code"), sa.column("name"), sa.column("withheld_from"))
    op.bulk_insert(
        benefit,
        [{"code": code, "name": name, "withheld_from": withheld} for code, name, withheld in _BENEFITS],
    )
