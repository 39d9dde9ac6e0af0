"""Who may compute a block now: few at once, the upper blocks of a page first, so that a page fills from the top.

The machine has few cores and the warehouse two readers; ten blocks computed side by side all arrive late, the one with
most questions last, and that is the row of cards.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

WIDTH = 2
WAVE_SECONDS = 0.5  # requests this close together are of one page; an earlier wave goes first, so nobody starves


class Lanes:
    """Places for `width` holders; those who wait are let in by wave of arrival, then by position."""

    def __init__(self, width: int = WIDTH, wave_seconds: float = WAVE_SECONDS) -> None:
        self._free, self._wave_seconds, self._count = width, wave_seconds, 0
        self._waiting: list[tuple[int, int, int]] = []
        self._changed = threading.Condition()

    @contextmanager
    def enter(self, position: int) -> Iterator[None]:
        """A place, once it is this one's turn; `position` is the block's place on its page, from the top."""
        with self._changed:
            self._count += 1
            ticket = (int(monotonic() / self._wave_seconds), position, self._count)
            heapq.heappush(self._waiting, ticket)
            self._changed.wait_for(lambda: self._free > 0 and self._waiting[0] == ticket)
            heapq.heappop(self._waiting)
            self._free -= 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()
