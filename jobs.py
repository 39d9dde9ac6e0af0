"""When things run: one table, run by APScheduler in threads of this process (DuckDB's file has one owner).

Every run leaves a row in `job_run`. A job that fails is logged, shown on the system line and tried again at its next
time; it never takes the scheduler or another job with it. A pull that waits for a slow platform holds its own thread.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

import alerts
import config
from access import sessions
from config import Settings
from errors import CockpitError

log = logging.getLogger(__name__)
logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it tells of every run; job_run does that

DAY = 86_400.0
SETTLE_SECONDS = 2.0  # a burst of loads is answered by one evaluation
FLUSH_SECONDS = 60.0  # rows of jobs that run oftener than this are written together
KEEP_RUNS, KEEP_EVALUATIONS = timedelta(days=90), timedelta(days=30)
DETAIL_CHARS = 500


class Context(Protocol):
    """What jobs need of the running app (`components.context.Context` has it)."""

    settings: Settings
    warehouse: Any
    ledger: Any
    actions: dict[str, Callable[..., Any]]


class Skip(Exception):
    """Raised by a job that found it has no reason to run now; the text is kept as detail."""


@dataclass(frozen=True)
class Job:
    """A line of the table. `every` is seconds or the name of a setting; `daily` is a wall-clock time, HH:MM.

    `each` makes one job of it for every name it gives (a source), which its function then gets. What the job does
    stands in the message catalogue (`jobs.<id>`).
    """

    id: str
    run: Callable[..., str | None]
    every: float | str | None = None
    daily: str | None = None
    each: Callable[[Context], Iterable[str]] | None = None
    wanted: Callable[[Context], bool] = lambda context: True
    recorded: bool = True

    def period(self, settings: Settings) -> float:
        """Seconds between two runs."""
        if self.daily:
            return DAY
        return float(getattr(settings, self.every) if isinstance(self.every, str) else self.every or DAY)


@dataclass(frozen=True)
class Run:
    """One row of `job_run`."""

    job: str
    started_at: datetime
    finished_at: datetime | None
    state: str
    seconds: float | None
    detail: str


@dataclass
class Health:
    """How one job is doing, for the system line."""

    name: str
    last: Run | None = None
    failures: int = 0  # in a row


# What the jobs do -----------------------------------------------------------------------------------------------------


def scan_inbox(context: Context) -> str | None:
    """Load the files that are whole."""
    from connectors import inbox
    from connectors.mapping_store import LedgerMappings

    found = inbox.scan(context.settings, context.warehouse.load, store=LedgerMappings(context.ledger))
    return "; ".join(map(str, found)) or None


def source_names(context: Context) -> list[str]:
    """Names of the configured platform sources."""
    import connectors

    return [source.name for source in connectors.sources(context.settings)]


def pull_source(context: Context, name: str) -> str | None:
    """Ask one platform for what is new."""
    import connectors

    reports = connectors.pull(context.settings, context.warehouse, name)
    return f"{sum(report.accepted for report in reports)} rows"


def evaluate_alerts(context: Context) -> str:
    """One round over every rule; between loads the slow beat lets time-based rules move and resolve."""
    if getattr(context, "flags", {}).get("demo_loading"):
        raise Skip("the demo shop is being loaded")  # half a shop would raise alarms about the other half
    done = alerts.evaluate(context.warehouse, context.ledger, config.now(context.settings))
    return f"rules {done['rules']}, fired {done['fired']}, resolved {done['resolved']}, faults {done['faults']}"


def back_up(context: Context) -> str:
    """A backup that was opened and checked before it counts."""
    from warehouse import backup

    made = backup.backup(context.warehouse, context.ledger)
    return f"{made.folder.name}, data version {made.data_version}"


def clean_up(context: Context) -> str:
    """Drop what has outlived its use: ended sessions, old evidence, old runs, old readings, vintages between two kept
    moments."""
    from warehouse import readings
    from warehouse.squash import squash

    now = config.now(context.settings)
    ended = sessions.sweep(context.ledger)
    readings.prune(context.warehouse, now)
    evidence = alerts.prune(context.ledger, now - KEEP_EVALUATIONS)
    context.warehouse.write(
        lambda connection: connection.execute("DELETE FROM job_run WHERE started_at < ?", [now - KEEP_RUNS])
    )
    vintages = context.warehouse.write(lambda connection: squash(connection, now))
    return f"sessions {ended}, evaluations {evidence}, vintages {vintages}"


def measure(context: Context) -> str:
    """Write down how the process itself did since the last time."""
    from warehouse import readings

    return f"rows {readings.keep(context.warehouse)}"


def advance_demo(context: Context) -> str | None:
    """Let the demo shop live on to the present minute."""
    return context.actions["advance_demo"]()


def beat(context: Context) -> None:
    """Nothing but a sign of life: `Scheduler.beat_age` and /readyz look at it."""


JOBS: tuple[Job, ...] = (
    Job("beat", beat, every=5, recorded=False),
    Job("inbox", scan_inbox, every="inbox_seconds"),
    Job("pull", pull_source, every="pull_seconds", each=source_names),
    Job("alerts", evaluate_alerts, every=60),  # and SETTLE_SECONDS after the data version moved
    Job("demo", advance_demo, every=60, wanted=lambda context: "advance_demo" in context.actions),
    Job("measure", measure, every=60, recorded=False),
    Job("backup", back_up, daily="03:30"),
    Job("clean_up", clean_up, daily="04:10"),
)


# How they are run -----------------------------------------------------------------------------------------------------


@dataclass
class Scheduler:
    """The running table. `stop()` waits for the jobs at work."""

    context: Context
    jobs: tuple[Job, ...] = JOBS
    health: dict[str, Health] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Run] = []
        self._flushed = time.monotonic()
        self._beat = time.monotonic()
        self._evaluated = -1
        self._stopped = False
        zone = ZoneInfo(self.context.settings.timezone)
        self._scheduler = BackgroundScheduler(timezone=zone, executors={"default": ThreadPoolExecutor(8)})
        self._scheduler.add_listener(self._missed, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    def start(self) -> Scheduler:
        """Put the table on the clock."""
        for job in self.jobs:
            if job.wanted(self.context):
                for name in job.each(self.context) if job.each else [""]:
                    self._add(job, name)
        self.context.warehouse.on_change(self._moved)
        self._scheduler.start()
        return self

    def _add(self, job: Job, name: str) -> None:
        period = job.period(self.context.settings)
        label = f"{job.id} {name}".strip()
        self.health[label] = Health(label)
        if job.daily:
            hour, minute = job.daily.split(":")
            trigger: Any = CronTrigger(hour=int(hour), minute=int(minute), timezone=self._scheduler.timezone)
        else:
            trigger = IntervalTrigger(seconds=period, timezone=self._scheduler.timezone)
        # The library's own grace is one second: a job a moment late would silently not run at all.
        self._scheduler.add_job(
            self._run,
            trigger,
            args=(job, name),
            id=label,
            misfire_grace_time=max(1, int(period)),
            coalesce=True,
            max_instances=1,
            **self._first(job, period),
        )

    def _first(self, job: Job, period: float) -> dict[str, Any]:
        """An interval job begins at once; a daily one too, when the office PC slept through its hour."""
        if job.daily and not self._overdue(job.id):
            return {}
        return {"next_run_time": self._in(60.0 if job.daily else min(period, 1.0))}

    def _in(self, seconds: float) -> datetime:
        """The scheduler's own clock is the machine's, whatever the business's clock was set to."""
        return datetime.fromtimestamp(time.time() + seconds, self._scheduler.timezone)

    def _overdue(self, name: str) -> bool:
        since = config.now(self.context.settings) - timedelta(hours=26)
        table = self.context.warehouse.read(
            "SELECT max(started_at) AS at FROM job_run WHERE job = ? AND state = 'ok'", [name]
        )
        last = table.column(0)[0].as_py()
        return last is not None and last < since

    def stop(self) -> None:
        """Let the jobs at work finish, write what they left to say, and stop."""
        if self._stopped:
            return
        self._stopped = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._flush()

    def beat_age(self) -> float:
        """Seconds since the scheduler last showed life."""
        return time.monotonic() - self._beat

    def failing(self) -> list[Health]:
        """Jobs whose last run failed, for the system line."""
        with self._lock:
            return [replace(health) for health in self.health.values() if health.failures]

    def run_now(self, name: str) -> None:
        """Bring a job forward. Raises KeyError for a name that is not on the table."""
        if self._scheduler.get_job(name) is None:
            raise KeyError(name)
        self._bring_forward(name, 0.0)

    def _bring_forward(self, name: str, seconds: float) -> None:
        job = self._scheduler.get_job(name)
        soon = self._in(seconds)
        if job is not None and (job.next_run_time is None or job.next_run_time > soon):
            job.modify(next_run_time=soon)

    def _moved(self, version: int) -> None:
        if not self._stopped:
            self._bring_forward("alerts", SETTLE_SECONDS)

    def _run(self, job: Job, name: str) -> None:
        started, clock = config.now(self.context.settings), time.monotonic()
        version = self.context.warehouse.data_version
        try:
            detail, state = job.run(self.context, *([name] if job.each else [])) or "", "ok"
        except Skip as reason:
            detail, state = str(reason), "skipped"
        except Exception as error:  # a job must never take the scheduler with it
            detail, state = _told(error), "failed"
            log.error("job %s failed: %s", job.id, detail, exc_info=not isinstance(error, CockpitError))
        seconds = time.monotonic() - clock
        self._beat = time.monotonic()
        run = Run(
            f"{job.id} {name}".strip(),
            started,
            config.now(self.context.settings),
            state,
            seconds,
            detail[:DETAIL_CHARS],
        )
        self._record(run, job)
        if job.id == "alerts" and self.context.warehouse.data_version != version:
            self._moved(version)  # data came while it was judging: the call for another round found it at work

    def _missed(self, event: JobEvent) -> None:
        job = self._scheduler.get_job(event.job_id)
        if job is None:
            return
        why = "still running" if event.code == EVENT_JOB_MAX_INSTANCES else "missed"
        self._record(Run(event.job_id, config.now(self.context.settings), None, "skipped", None, why), job.args[0])

    def _record(self, run: Run, job: Job) -> None:
        with self._lock:
            health = self.health[run.job]
            if run.state != "skipped":
                health.failures = health.failures + 1 if run.state == "failed" else 0
            health.last = run
            if job.recorded:
                self._waiting.append(run)
            often = job.period(self.context.settings) < FLUSH_SECONDS
            due = run.state == "failed" or not often or time.monotonic() - self._flushed > FLUSH_SECONDS
        if due:
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            runs, self._waiting = self._waiting, []
            self._flushed = time.monotonic()
        if not runs:
            return
        rows = [[run.job, run.started_at, run.finished_at, run.state, run.seconds, run.detail] for run in runs]
        try:
            self.context.warehouse.write(
                lambda connection: connection.executemany("INSERT INTO job_run VALUES (?, ?, ?, ?, ?, ?)", rows)
            )
        except (
            Exception
        ):  # the record of a run must not fail the next one; a warehouse that cannot write shows by itself
            log.exception("%d job runs could not be recorded", len(rows))


def _told(error: Exception) -> str:
    return error.text("en") if isinstance(error, CockpitError) else f"{type(error).__name__}: {error}"


def start(context: Context, jobs: tuple[Job, ...] = JOBS) -> Scheduler:
    """Offer the suggested alert rules once and run the table until `stop()`."""
    if context.ledger is not None:
        alerts.offer(context.ledger, config.now(context.settings))
    return Scheduler(context, jobs).start()
