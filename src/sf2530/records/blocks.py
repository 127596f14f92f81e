"""How work on many records is shared out: blocks that fit the processor's cache, on a few threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache

BLOCK_ROWS = 8192
"""A megabyte of records: what is worked on together stays in the processor's caches (measured)."""
THREADS = min(os.cpu_count() or 1, 8)


@cache
def pool() -> ThreadPoolExecutor:
    """Give the threads that blocks are worked on: numpy works without the interpreter's lock."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="records")
