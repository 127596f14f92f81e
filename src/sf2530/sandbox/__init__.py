"""A whole Denmark on one machine: made-up persons, every party as a process of its own, real SFTP.

It makes the population and the keys, starts the parties, watches one exchange of all municipalities
and says whether it balances. It never reaches into a party's work, and no party ever imports it.
Start reading in `population.py`, which says who there is.
"""
