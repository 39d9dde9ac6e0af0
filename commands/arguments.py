"""Reading a question as people type it: dates, period words, filters; shared by the command line and HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

import metrics
from commands.words import PERIOD_WORDS
from errors import UserError


def names(values: Iterable[str]) -> tuple[str, ...]:
    """`["a,b", "c"]` → `("a", "b", "c")`, in order, each once."""
    parts = (part.strip() for value in values for part in str(value).split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def filters(conditions: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """`["platform=tmall,jd", "channel=live"]` → values allowed per dimension; a dimension named twice adds values.

    Raises:
        UserError: `bad_where` for a condition without `=` or without a value.
    """
    found: dict[str, tuple[str, ...]] = {}
    for condition in conditions:
        dimension, sign, values = str(condition).partition("=")
        allowed = names([values])
        if not sign or not dimension.strip() or not allowed:
            raise UserError("bad_where", value=condition)
        key = dimension.strip()
        found[key] = tuple(dict.fromkeys((*found.get(key, ()), *allowed)))
    return found


def moment(text: str, option: str, *, end: bool = False) -> datetime:
    """A date or date-time; the end of a whole day is the next midnight, since dates are inclusive.

    Raises:
        UserError: `bad_date` naming the option.
    """
    words = text.strip()
    try:
        if len(words) <= 10:
            day = date.fromisoformat(words.replace("/", "-"))
            edge_of_day = datetime.combine(day + timedelta(days=1 if end else 0), datetime.min.time())
            return _within_time(edge_of_day, option, text)
        parsed = datetime.fromisoformat(words)
    except (ValueError, OverflowError):
        raise UserError("bad_date", option=option, value=text) from None
    if parsed.tzinfo is not None:
        raise UserError("bad_date", option=option, value=text)
    return _within_time(parsed, option, text)


def _within_time(found: datetime, option: str, text: str) -> datetime:
    """No shop is older than the clocks, and no comparison may step out of what a date can be."""
    if not 1970 <= found.year <= 2200:
        raise UserError("bad_date", option=option, value=text)
    return found


def edge(text: str, option: str, today: Callable[[], date], *, end: bool = False) -> datetime:
    """The start or end of a period as people give it: a date, a date-time, or the start or end of a period word.

    Raises:
        UserError: `bad_date` naming the option.
    """
    word = text.strip()
    if word not in PERIOD_WORDS:
        return moment(word, option, end=end)
    span = metrics.resolve_period(word, today())
    return span.end if end else span.start
