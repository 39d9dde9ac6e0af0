"""System metrics: is the data coming in, and are the jobs and calls well. Declarations only."""

from __future__ import annotations

from functools import partial

from metrics.declare import Metric

_tech = partial(Metric, layer="system", owner="technology")

METRICS: tuple[Metric, ...] = (
    _tech(
        "source_lag_seconds",
        "来源滞后",
        "Source lag",
        unit="seconds",
        direction="down",
        definition_zh="此刻距来源数据说全的时间;多个来源时取最久的,已停更或已被接替的不计。与所选时段无关。",
        definition_en="From the moment up to which a source has told everything to now; of several the longest, "
        "without sources that ended or were taken over. The asked period does not matter.",
    ),
    _tech(
        "scheduler_beat_age_seconds",
        "调度心跳",
        "Scheduler's last sign",
        unit="seconds",
        direction="down",
        definition_zh="距最近一次任务结束的秒数(时段已过则到时段末);任务记录每分钟写入一次。",
        definition_en="From the end of the last recorded job run to now, or to the end of a period that is over; "
        "runs are recorded once a minute.",
    ),
    _tech(
        "job_runs",
        "任务次数",
        "Job runs",
        unit="count",
        direction="none",
        definition_zh="期内开始的任务次数,跳过的不计。",
        definition_en="Jobs started in the period, skipped ones left out.",
    ),
    _tech(
        "job_success_rate",
        "任务成功率",
        "Job success rate",
        unit="rate",
        direction="up",
        formula="jobs_ok / job_runs",
        definition_zh="成功的任务占比。",
        definition_en="Share of job runs that went well.",
    ),
    _tech(
        "job_seconds_p95",
        "任务耗时 P95",
        "Job seconds p95",
        unit="seconds",
        direction="down",
        definition_zh="任务耗时的95分位。",
        definition_en="95th percentile of job seconds.",
    ),
    _tech(
        "api_calls",
        "接口调用",
        "API calls",
        unit="count",
        direction="none",
        definition_zh="对外接口的调用次数。",
        definition_en="Calls to outside APIs.",
    ),
    _tech(
        "api_error_rate",
        "接口错误率",
        "API error rate",
        unit="rate",
        direction="down",
        formula="api_failures / api_calls",
        definition_zh="失败的接口调用占比。",
        definition_en="Share of API calls that failed.",
    ),
    _tech(
        "api_latency_p95_ms",
        "接口延迟 P95",
        "API latency p95",
        unit="ms",
        direction="down",
        definition_zh="接口延迟的95分位,毫秒。",
        definition_en="95th percentile of API latency in milliseconds.",
    ),
    _tech(
        "batches_loaded",
        "载入批次",
        "Batches loaded",
        unit="count",
        direction="none",
        definition_zh="期内载入的批次数。",
        definition_en="Batches loaded in the period.",
    ),
    _tech(
        "rows_loaded",
        "载入行数",
        "Rows loaded",
        unit="count",
        direction="none",
        definition_zh="期内载入并被采用的行数。",
        definition_en="Rows accepted in the period.",
    ),
    _tech(
        "load_rows_per_second",
        "载入速率",
        "Load rate",
        unit="count",
        direction="up",
        formula="rows_read / load_seconds",
        definition_zh="每秒读入的行数。",
        definition_en="Rows read per second of loading.",
    ),
    _tech(
        "quarantine_rate",
        "隔离率",
        "Quarantine rate",
        unit="rate",
        direction="down",
        formula="rows_quarantined / rows_read",
        definition_zh="进入隔离区的行占读入行的比例。",
        definition_en="Rows put into quarantine over rows read.",
    ),
    _tech(
        "duplicate_rate",
        "重复率",
        "Duplicate rate",
        unit="rate",
        direction="none",
        formula="rows_unchanged / rows_read",
        definition_zh="已有且未变化的行占读入行的比例。",
        definition_en="Rows that were there already and unchanged over rows read.",
    ),
)
