"""Numbers as people read them: 万 and 亿 in Chinese, K, M and B in English; the exact value stands ready for the hover.

Formatting only: nothing here adds, divides or compares values of metrics (deltas arrive from `metrics.query`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from i18n import text
from metrics.types import Direction

MINUS, DASH = "−", "—"
_ZH = ((1e8, "亿"), (1e4, "万"))
_EN = ((1e9, "B"), (1e6, "M"), (1e3, "K"))


@dataclass(frozen=True)
class Shown:
    """A number ready to be set: main figure, small unit, and the exact text for the hover."""

    main: str
    unit: str
    exact: str

    def __str__(self) -> str:
        return self.main + self.unit


@dataclass(frozen=True)
class Delta:
    """A change ready to be set: arrow and figure, which way it goes and whether that way is bad."""

    text: str
    way: Literal["up", "down", "flat"]
    bad: bool


def _figure(value: float, places: int) -> str:
    shown = f"{abs(value):,.{places}f}"
    return (MINUS if value < 0 and float(shown.replace(",", "")) else "") + shown


def _scaled(value: float, lang: str, floor: float, places: int) -> tuple[str, str]:
    """The figure over the largest fitting step, with the step's name; below `floor` as it stands."""
    if abs(value) >= floor:
        for step, name in _ZH if lang == "zh" else _EN:
            if round(abs(value) / step, 1) >= 1:
                return _figure(
                    value / step, 2 if step >= 1e8 and lang == "zh" else (2 if lang == "en" and step >= 1e6 else 1)
                ), name
    return _figure(value, places), ""


def _span(value: float, unit: str) -> tuple[float, str]:
    """A length of time in a unit it can be pictured in: nobody reads 49,346 seconds."""
    for name, floor, next_, step in _SPANS:
        if unit == name and abs(value) >= floor:
            return _span(value / step, next_)
    return value, unit


_SPANS = (("seconds", 600, "minutes", 60), ("minutes", 600, "hours", 60))


def number(value: float | None, unit: str, lang: str = "zh", *, scaled: bool = True) -> Shown:
    """A metric's value in its unit (`metrics.types.Unit`), a length of time in a larger one where that reads better
    (`scaled`); None as a dash."""
    if value is None:
        return Shown(DASH, "", text("components.unknown", lang))
    if value == 0 and unit in ("yuan", "count"):
        return Shown("0", "", "0")
    if unit == "rate":
        percent = value * 100
        places = 2 if abs(percent) < 9.995 else 1
        return Shown(_figure(percent, places), "%", f"{percent:,.4f}%")
    if unit == "yuan":
        main, step = _scaled(value, lang, 1e4, 2 if abs(value) < 100 else (1 if abs(value) < 1000 else 0))
        exact = f"{value:,.2f} {text('components.unit.yuan', lang)}"
        return Shown(
            main if lang == "zh" else main.replace(MINUS, f"{MINUS}¥") if value < 0 else "¥" + main, step, exact
        )
    if unit == "bytes":
        return Shown(*size(value), f"{value:,.0f} {text('components.unit.bytes', lang)}")
    if unit == "score":
        return Shown(_figure(value, 2), "", f"{value:,.4f}")
    if unit == "count":
        main, step = _scaled(value, lang, 1e5 if lang == "zh" else 1e6, 0)
        return Shown(main, step, f"{value:,.0f}")
    places = 2 if unit == "ratio" else (1 if abs(value) < 1000 else 0)
    suffix = text(f"components.unit.{unit}", lang) if unit != "ratio" else ""
    exact = f"{value:,.4f} {suffix}".strip()
    if scaled and (told := _span(value, unit))[1] != unit:
        return replace(number(*told, lang), exact=exact)
    return Shown(_figure(value, places), suffix, exact)


def size(count: float) -> tuple[str, str]:
    """Bytes in the largest fitting unit: figure and unit."""
    for unit in ("B", "KB", "MB"):
        if count < 1024:
            return f"{count:,.0f}" if unit == "B" else f"{count:,.1f}", unit
        count /= 1024
    return f"{count:,.1f}", "GB"


def plain(value: float | None, unit: str, lang: str = "zh") -> str:
    """`number` as one text, for table cells and labels."""
    shown = number(value, unit, lang)
    joined = ("%", "万", "亿", "K", "M", "B")
    spaced = unit == "bytes" or (shown.unit and shown.unit not in joined and lang == "en")
    return f"{shown.main}{' ' if spaced else ''}{shown.unit}"


def tick(value: float, unit: str, lang: str = "zh") -> str:
    """A round number for an axis, without empty decimals: 4%, 20万. One axis keeps one unit of time."""
    shown = number(value, unit, lang, scaled=False)
    main = shown.main.rstrip("0").rstrip(".") if "." in shown.main else shown.main
    return (main or "0") + shown.unit


def delta(diff: float | None, pct: float | None, unit: str, direction: Direction, lang: str = "zh") -> Delta | None:
    """A change for reading: points for rates, the unit's own for days and hours, per cent for the rest; None if
    unknown."""
    if unit == "rate":
        moved, shown = diff, None if diff is None else f"{abs(diff * 100):,.2f}pp"
    elif unit in ("days", "hours", "seconds", "minutes"):
        moved, shown = diff, None if diff is None else _moved_by(abs(diff), unit, lang)
    else:
        moved, shown = pct, None if pct is None else _percent(abs(pct))
    if moved is None or shown is None:
        return None
    if not any(figure in shown for figure in "123456789"):
        return Delta(f"→{shown}", "flat", False)
    way: Literal["up", "down"] = "up" if moved > 0 else "down"
    bad = direction != "none" and way != direction
    return Delta(("↑" if way == "up" else "↓") + shown, way, bad)


def _moved_by(length: float, unit: str, lang: str) -> str:
    value, told = _span(length, unit)
    return f"{value:,.1f}{text(f'components.unit.{told}', lang)}"


def _percent(share: float) -> str:
    return f"{share * 100:,.1f}%" if share < 10 else f"{share + 1:,.0f}×"


def signed(value: float | None, unit: str, lang: str = "zh") -> str:
    """A difference with its sign: +18.2万, −31.6万."""
    if value is None:
        return DASH
    shown = plain(value, unit, lang)
    return shown if value <= 0 else f"+{shown}"


def share(value: float | None) -> str:
    """A fraction as per cent with one place: 71.6%."""
    return DASH if value is None else f"{_figure(value * 100, 1)}%"


def age(then: datetime | None, now: datetime, lang: str = "zh") -> str:
    """How long ago, in the largest fitting unit."""
    if then is None:
        return DASH
    seconds = max(0, int((now - then) / timedelta(seconds=1)))
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= size * (2 if name == "days" else 1):
            return text(f"components.ago.{name}", lang, n=seconds // size)
    return text("components.ago.seconds", lang, n=seconds)


def moment(value: datetime | None, now: datetime | None = None) -> str:
    """A time as short as it can be told: HH:MM of today, MM-DD HH:MM of this year, else with the year."""
    if value is None:
        return DASH
    if now is not None and value.date() == now.date():
        return value.strftime("%H:%M")
    if now is not None and value.year == now.year:
        return value.strftime("%m-%d %H:%M")
    return value.strftime("%Y-%m-%d %H:%M")


def bucket(start: str | None, grain: str) -> str:
    """The start of a bucket as `query` writes it, no longer than its grain: 2026-11, 2026 Q4; a week by its Monday."""
    text = str(start or "–")
    if grain == "quarter" and start:
        return f"{text[:4]} Q{(int(text[5:7]) + 2) // 3}"
    return text[: {"month": 7, "year": 4}.get(grain, len(text))]


def day_range(first: date, last: date, *, short: bool = False) -> str:
    """2026-11-01 – 11-11, without repeating what is the same; `short` leaves out the year."""
    if short and first.year == last.year:
        return f"{first:%m-%d} – {last:%m-%d}"
    if first == last:
        return first.isoformat()
    tail = last.isoformat() if first.year != last.year else last.strftime("%m-%d")
    return f"{first.isoformat()} – {tail}"
