"""What every party stores with: engines for SQLite and PostgreSQL, leases, migrations, an archive of bytes.

It knows no business: a party declares its own tables and verbs on top. It never opens a transaction that
its caller didn't ask for, except to migrate and to sweep. Start reading in `engines.py`; `leases.py` holds
the rule that keeps two workers from doing the same work.
"""
