"""One process at a time in a home folder: an operating-system lock that dies with its holder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType


class HomeLock:
    """`COCKPIT_HOME/lock`, held from `acquire()` to `release()`; a killed holder frees it by dying."""

    def __init__(self, home: Path) -> None:
        self._path = home / "lock"
        self._handle: int | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free; False when another process holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _try_lock(handle):
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        """Free the lock; without effect when it is not held."""
        if self._handle is not None:
            os.close(self._handle)  # closing the handle drops the lock on every system
            self._handle = None

    def __enter__(self) -> HomeLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
