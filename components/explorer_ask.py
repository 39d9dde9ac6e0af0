"""A question put together by its reader: metrics, dimensions, grain, comparison and picture, all held in the address.

`m=gmv,orders by=province,channel grain=day vs=1 show=line across=day` beside the period and filters of every page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import metrics
from components.page import Answers
from components.series import ADDITIVE
from components.view import GRAINS, View
from metrics.measures import MEASURES
from metrics.types import Grain, Query, Result

MOST_METRICS, MOST_DIMENSIONS = 8, 3
MOST_GROUPS = 1_000  # shown on a screen; the file has them all
MOST_POINTS = 1_500  # times on a curve: a day of minutes fits
STEPS: dict[Grain, timedelta] = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "quarter": timedelta(days=91),
    "year": timedelta(days=365),
}
KINDS = ("line", "bar", "stacked", "scatter", "heat", "pivot", "table")
_SUMS = frozenset({"plain", "orders"})  # kinds of measures whose parts make up the whole


@dataclass(frozen=True)
class Question:
    """What is asked. `across` names the key whose values stand as columns of a pivot."""

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    grain: Grain | None = None
    compare: str | None = None
    show: str = ""
    across: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """What a row of the answer stands for."""
        return ((self.grain,) if self.grain else ()) + self.by


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def read(view: View) -> Question:
    """The question of an address; without one, sales over the period. Names that nobody knows are dropped."""
    told, known = view.extra, metrics.catalogue()
    if "m" not in told:
        return Question(("gmv",), grain=view.grain, show=told.get("show", ""))
    names = tuple(name for name in _listed(told["m"]) if name in known)[:MOST_METRICS]
    by = tuple(name for name in _listed(told.get("by", "")) if name in metrics.dimensions())[:MOST_DIMENSIONS]
    grain = next((one for one in GRAINS if one == told.get("grain") and one not in by), None)
    compare = None if told.get("vs", "0") in ("", "0") else view.compare
    if told.get("vs") == "target":
        compare = "target"
    return Question(names, by, grain, compare, told.get("show", ""), told.get("across", ""))


def address(view: View, question: Question, **also: str) -> str:
    """The link that asks `question` with this view's period and filters."""
    extra = {"m": ",".join(question.metrics), "by": ",".join(question.by), "grain": question.grain or ""}
    extra["vs"] = {None: "", "target": "target"}.get(question.compare, "1")
    extra |= {"show": question.show, "across": question.across, "view": view.extra.get("view", "")} | also
    kept = {name: value for name, value in extra.items() if value or name == "m"}
    return view.href("/explore", extra=kept)


# What may be combined ------------------------------------------------------------------------------------------------


def allowed(view: View, metric: str, question: Question) -> bool:
    """Whether a metric can answer this question too: the reader's rights, the cuts, the grain, the filters held."""
    dims = (*question.by, *view.filters)
    fine = not ("hour" in dims and not view.fits(metric, (), "hour"))
    return view.answerable(metric) and fine and view.fits(metric, dims, question.grain)


def offered_metrics(view: View, question: Question) -> list[str]:
    """Metrics that may be added to the question, in the order of the catalogue; system ones last."""
    found = [name for name in metrics.catalogue() if name not in question.metrics and allowed(view, name, question)]
    return sorted(found, key=lambda name: metrics.catalogue()[name].layer == "system")


def offered_dimensions(view: View, question: Question) -> list[str]:
    """Dimensions by which every metric of the question can be cut."""
    hours = question.grain in ("minute", "hour")  # an hour of the day beside the hours themselves says nothing
    taken = {"hour", *question.by} if hours else set(question.by)
    return [
        name
        for name in metrics.dimensions()
        if name not in taken
        and question.metrics
        and all(allowed(view, metric, replace(question, by=(*question.by, name))) for metric in question.metrics)
    ]


def offered_grains(view: View, question: Question) -> list[Grain]:
    """Grains that every metric is told in and that leave no more points than a curve can show."""
    span = view.period.end - view.period.start
    return [
        grain
        for grain in GRAINS
        if grain not in question.by
        and span / STEPS[grain] <= MOST_POINTS
        and (STEPS[grain] <= span or grain == "day")
        and all(view.fits(metric, (), grain) for metric in question.metrics)
    ]


def offered_filters(view: View, question: Question) -> list[str]:
    """Dimensions to which every metric of the question can be held."""
    free = replace(question, by=())
    return [
        name
        for name in metrics.dimensions()
        if all(allowed(view, metric, replace(free, by=(name,))) for metric in question.metrics)
    ]


def adds_up(metric: str) -> bool:
    """Whether the metric's parts make up its whole, so that they may be stacked."""
    item = metrics.catalogue()[metric]
    whole = all("/" not in metrics.catalogue()[name].formula for name in item.uses)
    return item.unit in ADDITIVE and whole and all(MEASURES[name].kind in _SUMS for name in item.measures)


def kinds(question: Question) -> list[str]:
    """The pictures that suit the shape of the question, the most telling first."""
    if not question.keys or not question.metrics:
        return ["table"]
    stacked = ["stacked"] if adds_up(question.metrics[0]) and not question.compare else []
    pivot = ["pivot", "table"] if len(question.keys) > 1 else ["table"]
    if question.grain and not question.by:
        return ["line", "bar", *pivot]
    if question.grain and len(question.by) == 1:
        return ["line", *stacked, "heat", *pivot]
    if len(question.by) == 1 and not question.grain:
        return ["bar", *(["scatter"] if len(question.metrics) > 1 else []), *pivot]
    if len(question.by) == 2 and not question.grain:
        return [*stacked, "heat", *pivot]
    return pivot


def kind(question: Question) -> str:
    """The picture asked for, if it suits; else the most telling one."""
    fitting = kinds(question)
    return question.show if question.show in fitting else fitting[0]


# Asking ---------------------------------------------------------------------------------------------------------------


def ask(view: View) -> Answers:
    """The answer as `answer`, of at most `MOST_GROUPS + 1` groups, and the largest parts it is held to as `top:DIM`.

    A curve for each of thousands of parts cannot be read (nor answered in time): then only the largest are asked.
    """
    question = read(view)
    if not question.metrics:
        return {}
    tops = _tops(view, question)
    filters = dict(view.filters) | {
        name: tuple("" if row[name] is None else str(row[name]) for row in found.rows)
        for name, found in tops.items()
        if len(found.rows) >= _most_parts(view, question)
    }
    order = None if question.grain or not question.by else f"-{question.metrics[0]}"
    answer = view.ask(
        *question.metrics,
        by=question.by,
        grain=question.grain,
        compare=question.compare,
        filters=filters,
        order=order,
        limit=MOST_GROUPS + 1 if question.keys else None,
    )
    return {"answer": answer, **{f"top:{name}": found for name, found in tops.items()}}


def _most_parts(view: View, question: Question) -> int:
    """How many values of each dimension there is room for beside the times."""
    assert question.grain is not None
    times = max(1.0, (view.period.end - view.period.start) / STEPS[question.grain])
    return max(4, int((MOST_GROUPS / times) ** (1 / max(1, len(question.by)))))


def _tops(view: View, question: Question) -> dict[str, Result]:
    if not question.grain or not question.by:
        return {}
    metric, most = _sized_by(view, question), _most_parts(view, question)
    wide = [name for name in question.by if not _few(view, name, most)]
    return {name: view.ask(metric, by=(name,), order=f"-{metric}", limit=most) for name in wide}


def _sized_by(view: View, question: Question) -> str:
    """The metric that tells the largest parts: the first; sales where that one counts people, which takes longer."""
    first = question.metrics[0]
    people = any(MEASURES[name].kind not in _SUMS for name in metrics.catalogue()[first].measures)
    return "gmv" if people and allowed(view, "gmv", replace(question, metrics=("gmv",))) else first


def _few(view: View, dimension: str, most: int) -> bool:
    """Whether a dimension surely has less than `most` values, so that nobody needs to ask for the largest."""
    always = {"hour": 24, "weekday": 7, "platform": 6, "channel": 6, "province": 34}
    return always.get(dimension, most) + 1 < most


def cuts(view: View, question: Question, found: Answers) -> list[tuple[str, int]]:
    """What was cut to its largest parts: (dimension, how many are shown); ('', groups) when the rows were cut."""
    told = [
        (name, len(found[f"top:{name}"].rows))
        for name in question.by
        if f"top:{name}" in found and len(found[f"top:{name}"].rows) >= _most_parts(view, question)
    ]
    return told + ([("", MOST_GROUPS)] if len(found["answer"].rows) > MOST_GROUPS else [])


def whole(view: View, question: Question, most: int) -> Query:
    """The same question without cuts but for `most` rows, for a file. Raises what `metrics.query` raises."""
    names = tuple(name for name in question.metrics if allowed(view, name, question)) or question.metrics
    return Query(
        metrics=names,
        dimensions=question.by,
        grain=question.grain,
        period=view.period,
        filters=dict(view.filters),
        compare=question.compare,
        order=None if question.grain or not question.by else f"-{names[0]}",
        limit=most if question.keys else None,
    )


def rows(found: Answers) -> list[dict[str, Any]]:
    """The rows that are shown."""
    return found["answer"].rows[:MOST_GROUPS]


def leading(found: Result, key: str, metric: str, most: int) -> list[Any]:
    """The values of `key` with the largest sums of the metric, largest first; parts without a name last."""
    sums: dict[Any, float] = {}
    for row in found.rows:
        sums[row.get(key)] = sums.get(row.get(key), 0.0) + abs(float(row.get(metric) or 0))
    return sorted(sums, key=lambda value: (value is None, -sums[value]))[:most]


def ordered(key: str, values: Sequence[Any]) -> list[Any]:
    """Values of a key in reading order: times, hours and weekdays as they come, others as they stand."""
    if key in (*GRAINS, "weekday"):
        return sorted(values, key=lambda value: (value is None, value))
    return list(values)


def allowed_target(view: View, question: Question) -> bool:
    """Whether targets, which are set by day for platforms, shops and categories, can stand beside the answer."""
    return question.grain not in ("minute", "hour") and {*question.by, *view.filters} <= {
        "platform",
        "shop",
        "category",
    }
