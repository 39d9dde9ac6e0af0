"""Long work in this process: one thread, a queue, and progress that pages poll.

Not a Dash background callback: that starts a process, and DuckDB's file has one owner. One thread is enough, since
the warehouse has one writer; what waits says so.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Literal

from components.context import Context
from config import now
from errors import CockpitError

log = logging.getLogger(__name__)
KEEP = 200

State = Literal["waiting", "running", "done", "failed"]
Report = Callable[[float, str], None]  # share done (0…1) and what is being done
_making = threading.Lock()


@dataclass
class Job:
    """One piece of work; its fields move while it runs. `result` is what the function returned."""

    id: int
    name: str
    user: str | None
    asked_at: datetime
    state: State = "waiting"
    share: float = 0.0
    label: str = ""
    result: Any = None
    error: Exception | None = None
    finished_at: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        return self.state in ("waiting", "running")

    def sentence(self, lang: str) -> str:
        """Why it failed, with the mend; empty when it did not."""
        if self.error is None:
            return ""
        known = isinstance(self.error, CockpitError)
        return self.error.text(lang) if known else CockpitError("work_broke", detail=self.error).text(lang)  # type: ignore[attr-defined]


class Work:
    """The queue of one app."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._queue: queue.Queue[tuple[Job, Callable[[Report], Any]]] = queue.Queue()
        self._jobs: OrderedDict[int, Job] = OrderedDict()
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        threading.Thread(target=self._run, name="cockpit-work", daemon=True).start()

    def submit(self, name: str, do: Callable[[Report], Any], user: str | None = None, **facts: Any) -> Job:
        """Queue `do(report)` and return its job at once."""
        job = Job(next(self._ids), name, user, now(self._context.settings), facts=facts)
        with self._lock:
            self._jobs[job.id] = job
            for old in [key for key, kept in self._jobs.items() if not kept.open][: max(0, len(self._jobs) - KEEP)]:
                del self._jobs[old]
        self._queue.put((job, do))
        return job

    def get(self, job_id: int) -> Job | None:
        with self._lock:
            return self._jobs.get(job_id)

    def jobs(self) -> list[Job]:
        """The newest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def _run(self) -> None:
        while True:
            job, do = self._queue.get()
            job.state = "running"
            try:
                job.result = do(partial(self._report, job))
                job.share, state = 1.0, "done"
            except Exception as error:  # whatever broke belongs to this job; the next one must still run
                if not isinstance(error, CockpitError):
                    log.exception("work %s broke", job.name)
                job.error, state = error, "failed"
            job.finished_at = now(self._context.settings)
            job.state = state  # type: ignore[assignment]

    @staticmethod
    def _report(job: Job, share: float, label: str) -> None:
        job.share, job.label = min(1.0, max(job.share, share)), label


def of(context: Context) -> Work:
    """The app's queue, made when first asked for."""
    with _making:
        found = context.flags.get("work")
        if not isinstance(found, Work):
            found = context.flags["work"] = Work(context)
        return found
