"""What Alembic runs its scripts in, the same for every party.

It holds no script: those lie in each party's `migrations/versions`. It opens no connection: `migrating.py`
hands one over, in a transaction under a lock. Start reading in `../migrating.py`.
"""
