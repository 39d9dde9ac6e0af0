"""The table runs: misfires are forgiven, failures isolated, every run leaves a row, new data call for a round."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import alerts
import jobs
from config import Settings
from errors import UserError
from jobs import Job, Scheduler, Skip
from warehouse import Warehouse
from warehouse.ledger import Ledger

PATIENCE = 90.0
LATE = ("still running", "missed")  # what a loaded machine leaves between the runs


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Any]:
    settings = Settings(home=tmp_path, threads=1)
    with Ledger.open(settings) as ledger, Warehouse.open(settings) as warehouse:
        yield SimpleNamespace(settings=settings, warehouse=warehouse, ledger=ledger, actions={})


def wait_for(condition: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def rows(context: Any) -> list[tuple[str, str, str]]:
    table = context.warehouse.read("SELECT job, state, detail FROM job_run ORDER BY started_at, job")
    return [tuple(row.values()) for row in table.to_pylist()]


def test_every_job_of_the_table_forgives_a_late_start(context):
    scheduler = Scheduler(context, tuple(job for job in jobs.JOBS if job.each is None)).start()
    try:
        scheduled = {job.id: job for job in scheduler._scheduler.get_jobs()}
        assert {"beat", "inbox", "alerts", "backup", "clean_up"} <= set(scheduled) and "demo" not in scheduled
        for job in jobs.JOBS:
            if job.id in scheduled:
                kept = scheduled[job.id]
                assert (kept.misfire_grace_time, kept.coalesce, kept.max_instances) == (
                    int(job.period(context.settings)),
                    True,
                    1,
                )
    finally:
        scheduler.stop()


def test_a_run_that_is_late_by_less_than_its_period_still_runs(context):
    ran = threading.Event()
    scheduler = Scheduler(context, (Job("late", lambda context: ran.set(), every=3600),)).start()
    try:
        scheduler._scheduler.get_job("late").modify(next_run_time=scheduler._in(-1800))
        assert ran.wait(PATIENCE)
    finally:
        scheduler.stop()


def test_a_failing_job_leaves_the_others_running(context):
    good = []

    def bad(context: Any) -> None:
        raise UserError("setting_unknown", name="x", path="y") if len(good) % 2 else ZeroDivisionError("no")

    scheduler = Scheduler(
        context, (Job("bad", bad, every=0.05), Job("good", lambda context: good.append(1), every=0.05))
    ).start()
    try:
        wait_for(lambda: len(good) > 5 and scheduler.health["bad"].failures > 1)
        assert [health.name for health in scheduler.failing()] == ["bad"]
    finally:
        scheduler.stop()
    states = {(job, state) for job, state, _ in rows(context)}
    assert ("bad", "failed") in states and ("good", "ok") in states and ("good", "failed") not in states
    assert any("ZeroDivisionError: no" in detail for _, _, detail in rows(context))


def test_every_run_leaves_one_row(context):
    count = []

    def work(context: Any) -> str:
        count.append(1)
        if len(count) == 2:
            raise Skip("nothing to do")
        return f"run {len(count)}"

    scheduler = Scheduler(context, (Job("work", work, every=0.05),)).start()
    wait_for(lambda: len(count) >= 4)
    scheduler.stop()
    found = [(state, detail) for job, state, detail in rows(context) if detail not in LATE]
    assert found == [("skipped", "nothing to do") if n == 2 else ("ok", f"run {n}") for n in range(1, len(count) + 1)]


def test_a_job_runs_once_at_a_time_and_says_what_it_skipped(context):
    gate, inside, most = threading.Event(), [], []

    def slow(context: Any) -> None:
        inside.append(1)
        most.append(len(inside))
        gate.wait(PATIENCE)
        inside.pop()

    scheduler = Scheduler(context, (Job("slow", slow, every=0.05),)).start()
    wait_for(lambda: any(run.detail == "still running" for run in scheduler._waiting))
    gate.set()
    scheduler.stop()
    assert max(most) == 1


def test_each_source_is_a_job_of_its_own(context):
    pulled: dict[str, int] = {"a": 0, "b": 0}

    def pull(context: Any, name: str) -> None:
        pulled[name] += 1
        if name == "a":
            raise RuntimeError("platform is down")

    scheduler = Scheduler(context, (Job("pull", pull, every=0.05, each=lambda context: pulled),)).start()
    wait_for(lambda: min(pulled.values()) > 2)
    assert [health.name for health in scheduler.failing()] == ["pull a"]
    scheduler.stop()
    assert {(job, state) for job, state, detail in rows(context) if detail not in LATE} == {
        ("pull a", "failed"),
        ("pull b", "ok"),
    }


def test_a_burst_of_new_data_calls_for_one_round(context, monkeypatch):
    seen = []
    scheduler = Scheduler(context, (Job("alerts", lambda context: seen.append(1), every=3600),)).start()
    try:
        wait_for(lambda: seen)  # the round at start is on its way: the next one stands for an hour later
        monkeypatch.setattr(jobs, "SETTLE_SECONDS", 600.0)
        hourly, calls = scheduler._scheduler.get_job("alerts").next_run_time, []
        for version in range(5):
            for listener in context.warehouse.engine._listeners:
                listener(version)
            calls.append(scheduler._scheduler.get_job("alerts").next_run_time)
        assert len(set(calls)) == 1 and calls[0] < hourly, "the first call counts, later ones put nothing off"
    finally:
        scheduler.stop()


def test_data_that_come_during_a_round_get_another_one(context, monkeypatch):
    monkeypatch.setattr(jobs, "SETTLE_SECONDS", 0.1)
    seen = []

    def round_(context: Any) -> None:
        seen.append(1)
        if len(seen) == 1:
            context.warehouse.engine.data_version += 1

    scheduler = Scheduler(context, (Job("alerts", round_, every=3600),)).start()
    try:
        wait_for(lambda: len(seen) == 2)
    finally:
        scheduler.stop()


def test_a_missed_backup_is_made_up(context):
    old = datetime.now() - timedelta(days=3)
    context.warehouse.write(
        lambda c: c.execute("INSERT INTO job_run VALUES ('backup', ?, ?, 'ok', 1.0, '')", [old, old])
    )
    scheduler = Scheduler(
        context,
        (Job("backup", lambda context: None, daily="03:30"), Job("clean_up", lambda context: None, daily="04:10")),
    ).start()
    try:
        soon = {
            job.id: (job.next_run_time - scheduler._in(0)).total_seconds() for job in scheduler._scheduler.get_jobs()
        }
        assert 0 < soon["backup"] <= 60
        assert scheduler._scheduler.get_job("clean_up").next_run_time.strftime("%H:%M") == "04:10"
    finally:
        scheduler.stop()


def test_beat_and_the_real_alert_and_clean_up_jobs(context):
    table = tuple(job for job in jobs.JOBS if job.id in ("beat", "alerts"))
    scheduler = jobs.start(context, (*table, Job("clean_up", jobs.clean_up, every=3600)))
    wait_for(lambda: all(health.last for health in scheduler.health.values()))
    assert scheduler.beat_age() < PATIENCE and scheduler.failing() == []
    assert any(rule.origin for rule in alerts.rules(context.ledger))
    scheduler.run_now("alerts")
    with pytest.raises(KeyError):
        scheduler.run_now("nothing")
    scheduler.stop()
    assert {job for job, state, _ in rows(context) if state == "ok"} == {"alerts", "clean_up"}


def test_the_process_is_measured_by_the_minute_and_old_readings_go(context):
    context.warehouse.meter.took("query_ms", 40.0)
    assert jobs.measure(context) == "rows 4"  # three gauges and one time
    long_ago = datetime(2020, 1, 1)
    context.warehouse.write(
        lambda connection: connection.execute("INSERT INTO process_sample VALUES (?, 'page_ms', 1.0, 1)", [long_ago])
    )
    jobs.clean_up(context)
    kept = context.warehouse.read("SELECT name FROM process_sample ORDER BY name").column(0).to_pylist()
    assert kept == ["db_bytes", "disk_free_bytes", "query_ms", "viewers_online"]


def test_the_nightly_backup_and_the_inbox_do_their_work(context):
    context.settings.inbox.mkdir(parents=True)
    (context.settings.inbox / "nobody knows this.csv").write_text("a,b\n1,2\n", "utf-8")
    scheduler = jobs.start(context, (Job("inbox", jobs.scan_inbox, every=0.3), Job("backup", jobs.back_up, every=3600)))
    failed = context.settings.inbox / "failed" / "nobody knows this.csv"
    wait_for(lambda: failed.exists() and scheduler.health["backup"].last)
    scheduler.stop()
    assert scheduler.failing() == []
    assert list(context.settings.backups.iterdir())
    assert any(job == "inbox" and "nobody knows this" in detail for job, _, detail in rows(context))


def test_every_job_is_described(context):
    from i18n import catalogue

    for lang in ("zh", "en"):
        assert {f"jobs.{job.id}" for job in jobs.JOBS} <= set(catalogue(lang))
