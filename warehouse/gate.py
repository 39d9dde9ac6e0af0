"""A fair gate: at most a few queries at once, strictly in order of arrival.

One DuckDB query uses every core, so more at once adds no throughput; and a plain semaphore lets late comers overtake,
which starves readers for seconds.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from errors import RetryableError


class FairGate:
    """FIFO admission of `width` holders. A thread that is inside passes again without queueing."""

    def __init__(self, width: int = 2) -> None:
        self._free = width
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = threading.local()

    @contextmanager
    def enter(self, seconds: float) -> Iterator[None]:
        """Wait for a place for at most `seconds`.

        Raises:
            RetryableError: `warehouse_crowded` when no place came free in time.
        """
        if getattr(self._held, "depth", 0):
            yield
            return
        self._acquire(seconds)
        self._held.depth = 1
        try:
            yield
        finally:
            self._held.depth = 0
            self._release()

    def _acquire(self, seconds: float) -> None:
        turn = threading.Event()
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return
            self._waiting.append(turn)
        if turn.wait(seconds):
            return
        with self._lock:
            if turn not in self._waiting:  # the turn came between the time-out and the lock
                return
            self._waiting.remove(turn)
        raise RetryableError("warehouse_crowded", seconds=seconds)

    def _release(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class Watchdog:
    """Interrupts queries that run longer than they may; one thread for all of them."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[float, Callable[[], None]]] = {}
        self._overdue: set[int] = set()
        self._lock = threading.Condition()
        self._stopped = False
        self._next = 0
        threading.Thread(target=self._watch, name="warehouse-watchdog", daemon=True).start()

    def start(self, seconds: float, interrupt: Callable[[], None]) -> int:
        """Watch one query; returns its ticket for `finish`."""
        with self._lock:
            self._next += 1
            self._running[self._next] = (time.monotonic() + seconds, interrupt)
            self._lock.notify()
            return self._next

    def finish(self, ticket: int) -> bool:
        """Stop watching; True when the query had been interrupted for its time."""
        with self._lock:
            self._running.pop(ticket, None)
            late = ticket in self._overdue
            self._overdue.discard(ticket)
            return late

    def stop(self) -> None:
        """End the thread."""
        with self._lock:
            self._stopped = True
            self._lock.notify()

    def _watch(self) -> None:
        with self._lock:
            while not self._stopped:
                moment = time.monotonic()
                for ticket, (deadline, interrupt) in list(self._running.items()):
                    if deadline <= moment:
                        del self._running[ticket]
                        self._overdue.add(ticket)
                        interrupt()
                nearest = min((deadline for deadline, _ in self._running.values()), default=None)
                self._lock.wait(None if nearest is None else max(0.01, nearest - moment))
