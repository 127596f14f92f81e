"""Fixed-length files: their layouts as data, and the one codec that reads, checks and writes them.

Works on bytes and speaks only of field names; positions stand in the layout files (`layouts/*.toml`).
What is wrong in a file is collected as findings, masked; nothing is ever repaired, and nothing
that was not proven is handed out as a value. It never decides what a withholding means: parties do.
Start reading in `layout.py`, then `reading.py` and `writing.py`; `explaining.py` says what a correct
record is, `proving.py` proves the same for thousands of records at once.
"""
