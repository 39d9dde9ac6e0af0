"""How the process itself does: times and viewers gathered in memory; `readings` writes them down once a minute.

Readings are rounded to two digits (at most 5 % off) and counted, so that a percentile over any period can be told from
few rows.
"""

from __future__ import annotations

import threading
import time
from collections import Counter

TIMES = ("query_ms", "page_ms", "event_to_screen_ms")
ONLINE_SECONDS = 60.0
MOST_VIEWERS = 10_000


class Meter:
    """The readings since the last minute was written; thread-safe and bounded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[str, Counter[float]] = {}
        self._viewers: dict[str, float] = {}
        self._waiting: tuple[int, float] | None = None  # (version no screen has heard of, since when)
        self._p95: dict[str, float] = {}

    def took(self, name: str, ms: float) -> None:
        """One reading of a time, in milliseconds."""
        with self._lock:
            self._counted.setdefault(name, Counter())[_rounded(ms)] += 1

    def changed(self, version: int) -> None:
        """The data version moved. It counts only while somebody looks: who comes later has not waited for it."""
        with self._lock:
            if self._online():
                since = self._waiting[1] if self._waiting else time.monotonic()
                self._waiting = (version, since)

    def ticked(self, viewer: str, version: int) -> None:
        """A screen asked whether there is something new and was told `version`."""
        at = time.monotonic()
        with self._lock:
            if viewer in self._viewers or len(self._viewers) < MOST_VIEWERS:
                self._viewers[viewer] = at
            waiting = self._waiting
            if waiting is None or version < waiting[0]:
                return
            self._waiting = None
        self.took("event_to_screen_ms", (at - waiting[1]) * 1000)

    def online(self) -> int:
        """Sessions and walls that asked within the last minute."""
        with self._lock:
            return self._online()

    def p95(self) -> dict[str, float]:
        """The 95th percentile of each time in the last minute that was written and had readings."""
        with self._lock:
            return dict(self._p95)

    def take(self) -> dict[str, Counter[float]]:
        """The readings so far; counting begins anew."""
        with self._lock:
            taken, self._counted = self._counted, {}
            if not self._online():
                self._waiting = None  # they left before they heard
            self._p95 |= {name: _percentile(counted, 0.95) for name, counted in taken.items()}
        return taken

    def _online(self) -> int:
        oldest = time.monotonic() - ONLINE_SECONDS
        self._viewers = {viewer: at for viewer, at in self._viewers.items() if at >= oldest}
        return len(self._viewers)


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")


def _percentile(counted: Counter[float], share: float) -> float:
    """The smallest value that at least `share` of the readings do not exceed."""
    wanted, seen = share * counted.total(), 0
    for value in sorted(counted):
        seen += counted[value]
        if seen >= wanted:
            return value
    return max(counted)
