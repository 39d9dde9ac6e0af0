"""What a reader is looking at: the address (path and query) read into period, comparison and filters, and back into
links.

The address bar is the only state of a page, so a shared link shows the same picture. A page asks its numbers through
`View.ask`, which adds period, filters and the reader's scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import metrics
from components import answers
from components.context import Context
from components.tokens import Theme
from errors import UserError
from i18n import text
from metrics.as_known import DIMENSIONS as KEPT
from metrics.as_known import UNKEPT
from metrics.types import Grain, Period, Query, Result, Scope

PERIODS = ("today", "yesterday", "last_7_days", "last_30_days", "this_week", "this_month", "this_quarter", "this_year")
COMPARISONS = (
    "yesterday",
    "previous",
    "last_week",
    "last_year",
    "last_campaign",
    "lunar_year",
    "benchmark",
)
DEFAULT_PERIOD = "today"
FEW = frozenset({"platform", "shop", "channel", "category", "province", "creator", "campaign", "hour", "weekday"})
GRAINS: tuple[Grain, ...] = ("minute", "hour", "day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class View:
    """One reader, one address, one moment."""

    context: Context
    path: str = "/"
    path_args: Mapping[str, str] = field(default_factory=dict)
    period_word: str = DEFAULT_PERIOD
    compare_word: str | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    lang: str = "zh"
    theme: Theme = "light"
    rise: str = "red"
    scope: Scope = field(default_factory=Scope.everything)
    version: int = 0
    as_known: datetime | None = None  # numbers as they were known then

    def text(self, key: str, **fields: object) -> str:
        """The text of `key` in the reader's language."""
        return text(key, self.lang, **fields)

    @property
    def anchor(self) -> date:
        """The day that 'today' means here: the last one with data."""
        return answers.anchor(self.context, self.scope, self.as_known)

    @property
    def period(self) -> Period:
        """The asked period as wall-clock times."""
        first, found, last = self.period_word.partition("..")
        if found:
            return Period.days(date.fromisoformat(first), date.fromisoformat(last))
        return metrics.resolve_period(self.period_word, self.anchor)

    @property
    def days(self) -> int:
        """How many days the period touches."""
        period = self.period
        return max(1, round((period.end - period.start) / timedelta(days=1)))

    @property
    def grain(self) -> Grain:
        """The grain a curve of this period is drawn in."""
        days = self.days
        if days <= 1:
            return "hour"
        return "day" if days <= 92 else ("week" if days <= 400 else "month")

    @property
    def compare(self) -> str:
        """The asked comparison, or the period's own: a day with the day before, a longer one with the one before it."""
        if self.compare_word and not (self.as_known and self.compare_word == "benchmark"):
            return self.compare_word
        return "yesterday" if self.days <= 1 else "previous"

    def base(self, word: str) -> Period | None:
        """The whole period that a comparison word holds this one against, not cut at the present; None without one."""
        return metrics.base_of(self.context.warehouse, word, self.period, self.filters.get("platform"))

    def ask(
        self,
        *names: str,
        by: tuple[str, ...] = (),
        grain: Grain | None = None,
        compare: str | None = None,
        period: Period | None = None,
        filters: Mapping[str, tuple[str, ...]] | None = None,
        order: str | None = None,
        limit: int | None = None,
        newest: bool = True,
    ) -> Result:
        """Ask the metrics engine within this view's period, filters and scope. Raises what `metrics.query` raises.

        A compared answer is cut where the slowest source ends. With `newest` its values are then asked once more
        without the cut; without, they stay the values at the cut (for callers that show only the change).
        """
        kept = dict(self.filters if filters is None else filters)
        left_out = {name: why for name in names if (why := self._why_not(name, (*by, *kept), grain))}
        asked = tuple(name for name in names if name not in left_out)
        if not asked and not {"not_by_this", UNKEPT} & set(left_out.values()):
            raise UserError("not_allowed", metric=", ".join(names))
        if not asked:
            why = UNKEPT if UNKEPT in left_out.values() else "not_by_this"
            return self._unanswered(names, by, grain, period or self.period, compare, why)
        if order and order[1:].split("__")[0] not in asked:
            order = None
        few = bool(by) and FEW.issuperset(by)  # the whole list is as cheap, and serves with and without a cut
        query = Query(
            metrics=asked,
            dimensions=by,
            grain=grain,
            period=period or self.period,
            filters=kept,
            compare=compare,
            order=order,
            limit=None if few else limit,
            as_known=self.as_known,
        )
        found = answers.ask(self.context, query, self.scope)
        found = self._newest(query, found) if newest else _at_cut(found)
        if by:  # parts that no source names stand last, whatever they amount to
            rows = (
                sorted(found.rows, key=lambda row: any(row.get(name) is None for name in by)) if order else found.rows
            )
            found = replace(found, rows=rows[:limit] if few else rows)
        if not left_out:
            return found
        units = {name: metrics.catalogue()[name].unit for name in left_out}
        return replace(found, metrics=names, units={**found.units, **units}, notes={**found.notes, **left_out})

    def _newest(self, query: Query, found: Result) -> Result:
        """A compared answer is cut where the slowest source ends; what is shown is the newest value, and the change
        stays the
        one up to the cut. The value at the cut is kept as `METRIC__cut`."""
        if query.compare == "target" or not _is_cut(found):
            return found
        keys = (*query.dimensions, *((query.grain,) if query.grain else ()))
        now = answers.ask(self.context, replace(query, compare=None, order=_plain(query.order)), self.scope)
        beside = (
            found
            if query.limit is None
            else answers.ask(self.context, replace(query, limit=None, order=None), self.scope)
        )
        old = {tuple(row.get(key) for key in keys): row for row in beside.rows}
        rows = []
        for row in now.rows:
            cut = old.get(tuple(row.get(key) for key in keys), {})
            rows.append(
                {
                    **{name: value for name, value in cut.items() if "__" in name},
                    **row,
                    **{f"{name}__cut": cut.get(name) for name in query.metrics},
                }
            )
        return replace(found, rows=rows, notes={**found.notes, **now.notes}, left_out=now.left_out)

    def _why_not(self, name: str, dimensions: tuple[str, ...], grain: Grain | None) -> str | None:
        """Why a metric is left out of a question that others of its page can answer: a right, or a cut it does not
        know."""
        metric = metrics.catalogue().get(name)
        if metric is not None and (
            metric.uses & self.scope.hidden or not set(self.scope.rows) <= set(metric.dimensions)
        ):
            return "not_allowed"
        if self._unkept(dimensions, grain):
            return UNKEPT
        return None if self.fits(name, dimensions, grain) else "not_by_this"

    def _unkept(self, dimensions: tuple[str, ...], grain: Grain | None) -> bool:
        """Whether an earlier moment is asked about in a way that is not kept."""
        fine = grain is not None and GRAINS.index(grain) < GRAINS.index("day")
        return self.as_known is not None and (fine or not set(dimensions) <= set(KEPT))

    def answerable(self, name: str) -> bool:
        """Whether a metric may be asked here at all: the reader's rights and the filters held."""
        return self.left_out(name) is None

    def left_out(self, name: str) -> str | None:
        """Why a metric may not be asked here at all; None where it may."""
        return self._why_not(name, tuple(self.filters), None)

    def fits(self, name: str, dimensions: tuple[str, ...] = (), grain: Grain | None = None) -> bool:
        """Whether a metric can be cut by these dimensions and drawn in this grain."""
        metric = metrics.catalogue().get(name)
        if metric is None or not set(dimensions) <= set(metric.dimensions):
            return metric is None
        if self._unkept(dimensions, grain):
            return False
        return grain is None or GRAINS.index(grain) >= GRAINS.index(metric.finest)

    def _unanswered(
        self,
        names: tuple[str, ...],
        by: tuple[str, ...],
        grain: Grain | None,
        period: Period,
        compare: str | None,
        why: str,
    ) -> Result:
        return Result(
            metrics=names,
            dimensions=by,
            grain=grain,
            period=period,
            compare=compare,
            rows=[],
            as_of=None,
            complete_through=None,
            units={name: metrics.catalogue()[name].unit for name in names},
            sql="",
            seconds=0.0,
            notes=dict.fromkeys(names, why),
        )

    # links ----------------------------------------------------------------------------------------------------------

    def query_string(self) -> str:
        """The state as `?…`, shortest form; empty for the default state."""
        pairs: list[tuple[str, str]] = []
        if self.period_word != DEFAULT_PERIOD:
            pairs.append(("period", self.period_word))
        if self.compare_word:
            pairs.append(("compare", self.compare_word))
        if self.as_known:
            pairs.append(("known", self.as_known.isoformat(timespec="minutes")))
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        pairs += list(self.extra.items())
        return "?" + urlencode(pairs, safe=".") if pairs else ""

    def href(self, path: str | None = None, **changes: Any) -> str:
        """A link to `path` (here, if None) with the state changed: `period_word`, `compare_word`, `filters`,
        `extra`."""
        if path is not None and path != self.path:
            changes.setdefault("extra", {})
        return (path or self.path) + replace(self, **changes).query_string()

    def with_filter(self, dimension: str, *values: str) -> View:
        """This view with the dimension held to `values`; without values, let go."""
        kept = {name: held for name, held in self.filters.items() if name != dimension}
        if values:
            kept[dimension] = values
        return replace(self, filters=kept)

    def toggled(self, dimension: str, value: str) -> View:
        """This view with one value of a dimension's filter switched on or off."""
        held = self.filters.get(dimension, ())
        values = tuple(v for v in held if v != value) if value in held else (*held, value)
        return self.with_filter(dimension, *values)


def _is_cut(found: Result) -> bool:
    """Whether a compared answer ends before its newest event."""
    if found.base_period is None or not found.complete_through or not found.as_of:
        return False
    return found.complete_through < min(found.as_of, found.period.end)


def _at_cut(found: Result) -> Result:
    """The answer with its values named as those at the cut, if there is one."""
    if not _is_cut(found):
        return found
    cut = [{**row, **{f"{name}__cut": row.get(name) for name in found.metrics}} for row in found.rows]
    return replace(found, rows=cut)


def _plain(order: str | None) -> str | None:
    """An order without a comparison's suffix."""
    return order.split("__")[0] if order else None


def _period_ok(word: str) -> bool:
    if word in PERIODS:
        return True
    first, found, last = word.partition("..")
    try:
        return bool(found) and date.fromisoformat(first) <= date.fromisoformat(last)
    except ValueError:
        return False


def _moment(text: str) -> datetime | None:
    """A wall-clock moment, to the minute; a day means its end. None for what is no moment."""
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
        return found + timedelta(days=1) if len(text) <= len("2026-01-01") else found
    except (ValueError, OverflowError):
        return None


def parse(
    context: Context,
    path: str,
    search: str,
    *,
    path_args: Mapping[str, str] | None = None,
    lang: str = "zh",
    theme: Theme = "light",
    rise: str = "red",
    scope: Scope | None = None,
) -> View:
    """Read an address. What it does not know it keeps in `extra` or drops: an old link still opens."""
    period_word, compare_word, as_known = DEFAULT_PERIOD, None, None
    filters: dict[str, tuple[str, ...]] = {}
    extra: dict[str, str] = {}
    known = set(metrics.dimensions())
    for name, value in parse_qsl((search or "").lstrip("?"), keep_blank_values=True):
        if name == "period":
            period_word = value if _period_ok(value) else DEFAULT_PERIOD
        elif name == "compare":
            compare_word = value if value in COMPARISONS else None
        elif name == "known":
            as_known = _moment(value)
        elif name in known:
            filters[name] = tuple(dict.fromkeys((*filters.get(name, ()), value)))
        elif name not in ("lang", "theme"):
            extra[name] = value
    return View(
        context=context,
        path=path or "/",
        path_args=path_args or {},
        period_word=period_word,
        compare_word=compare_word,
        filters=filters,
        extra=extra,
        lang=lang,
        theme=theme,
        rise=rise,
        scope=scope or Scope.everything(),
        version=context.warehouse.data_version,
        as_known=as_known,
    )
