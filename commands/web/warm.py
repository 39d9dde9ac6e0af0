"""Pages asked before anybody asks for them, at the start and again when the data have moved: the first page, then the
search for what is unusual, which at the start of a process reads weeks and then only what came, then the others that
read much. Whoever opens one finds its answers kept; between blocks the thread rests as long as the last one took, so
that a reader never has to share more than half of a core with it.

They go through the door that pages use, so whatever a page would compile, read and keep is compiled, read and kept.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from typing import Any

from components.context import Context, rise_colour
from components.page import find_pages
from components.view import parse
from metrics.types import Query, Result, Scope

log = logging.getLogger(__name__)
PATHS = ("/", "/why", "/management", "/execution", "/tree", "/goods", "/buyers", "/finance")
LONGEST_REST = 1.0  # seconds
STOP_SECONDS = 60.0  # a question that runs at stop is waited for


class _Stopped(Exception):
    """The server ends: no more questions."""


class Warmer:
    """One background thread; at most one round every `seconds`, none while nothing has moved."""

    def __init__(self, context: Context, seconds: float) -> None:
        self._context, self._seconds = replace(context, query=self._query), seconds
        self._ask = context.query
        self._moved, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="warm-pages", daemon=True)
        self.rounds = 0

    def start(self) -> Warmer:
        """Begin with a round, if there are data; returns at once."""
        self._context.warehouse.on_change(lambda version: self._moved.set())
        self._moved.set()
        self._thread.start()
        return self

    def stop(self) -> None:
        """End after the question at hand; no thread is left."""
        self._stopped.set()
        self._moved.set()
        self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        while self._moved.wait() and not self._stopped.is_set():
            self._moved.clear()
            if self._context.warehouse.data_version:
                began = time.perf_counter()
                self._round()
                log.info("pages warmed in %.1f s", time.perf_counter() - began)
                self.rounds += 1
                self._stopped.wait(self._seconds)

    def _round(self) -> None:
        """Ask and draw each block of the default views as whoever may see everything."""
        context, pages = self._context, find_pages()[0]
        found = [(path, next((page for page in pages if page.match(path) is not None), None)) for path in PATHS]
        language = context.settings.language
        for path, part in [(path, part) for path, page in found if page for part in page.blocks]:
            if self._stopped.is_set():
                return
            began = time.perf_counter()
            try:
                view = parse(context, path, "", lang=language, rise=rise_colour(context.settings, language))
                part.draw(view, part.ask(view))
            except _Stopped:
                return
            except Exception as error:  # a cold page is slower, not wrong, and tells its own reader what is the matter
                log.info("block %s not warmed: %s", part.name, error)
            self._stopped.wait(min(LONGEST_REST, time.perf_counter() - began))

    def _query(self, warehouse: Any, asked: Query, scope: Scope) -> Result:
        if self._stopped.is_set():
            raise _Stopped
        return self._ask(warehouse, asked, scope)
