"""A bell that ends a wait early."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Bell:
    """Rung by whoever has made work for a loop. A ring while nobody waits is heard at the next wait."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the loop that waits, or keep it from waiting next time. On the event loop's thread."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Wait for the bell, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        self._rung.clear()
