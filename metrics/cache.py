"""Answers kept per warehouse and data version; equal questions asked at once are computed once."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

from metrics.types import Result

if TYPE_CHECKING:
    from warehouse import Warehouse

_SIZE = 1024
_ROWS = 200_000  # rows kept in all answers of one warehouse


class Answers:
    """A bounded store of answers; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done: OrderedDict[Hashable, Result] = OrderedDict()
        self._busy: dict[Hashable, Future[Result]] = {}
        self._rows = 0

    def once(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """The kept answer, the answer another thread is computing, or a new one. Errors are not kept."""
        with self._lock:
            if key in self._done:
                self._done.move_to_end(key)
                return self._done[key]
            running = self._busy.get(key)
            if running is None:
                mine: Future[Result] = Future()
                self._busy[key] = mine
        if running is not None:
            return running.result()
        try:
            answer = compute()
        except BaseException as error:
            with self._lock:
                del self._busy[key]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._busy[key]
            self._keep(key, answer)
        mine.set_result(answer)
        return answer

    def _keep(self, key: Hashable, answer: Result) -> None:
        self._done[key] = answer
        self._rows += len(answer.rows)
        while len(self._done) > _SIZE or (self._rows > _ROWS and len(self._done) > 1):
            _, old = self._done.popitem(last=False)
            self._rows -= len(old.rows)


_answers: weakref.WeakKeyDictionary[Warehouse, Answers] = weakref.WeakKeyDictionary()
_lock = threading.Lock()
_enabled = True


def once(warehouse: Warehouse, key: Hashable, compute: Callable[[], Result]) -> Result:
    """`compute()` unless the answer to `key` is known; each caller gets rows of its own to change as it likes."""
    if not _enabled:
        return compute()
    with _lock:
        answers = _answers.setdefault(warehouse, Answers())
    answer = answers.once(key, compute)
    return replace(answer, rows=[dict(row) for row in answer.rows])


def enable(on: bool) -> None:
    """Switch the cache off for benches, and on again."""
    global _enabled
    _enabled = on
