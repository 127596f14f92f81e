"""Serviceplatformen's file exchange: systems put files into their `OUT` and find others' in their `IN`.

What a system sees over SFTP are rows of a ledger, and each file changes hands in one transaction. The
hub never looks into a data file, never shows a file in part, and never tells one system of another.
Start reading in `file_system.py` (what a client may do), then `routing.py` (what a trigger leads to)
and `delivering.py` (how it is carried out). To run one inside a program: `serving.serving(settings)`.
"""
