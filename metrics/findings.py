"""What an explanation says, in Chinese and English: one sentence a finding, each with its money and a place to look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from i18n import catalogue as texts
from i18n import text
from metrics.catalogue import catalogue
from metrics.corners import Cause
from metrics.decompose import REST, Branch
from metrics.dimensions import DIMENSIONS
from metrics.explain import Explanation

BRANCHES = 2  # of the tree told in a sentence
_SPREAD = 0.05  # a branch below this share of the change is not worth one

Name = Callable[[str, Any], str]
"""(dimension, value) → what people call it."""


@dataclass(frozen=True)
class Finding:
    """`kind`: corner, everywhere, besides, nowhere, branch, missing, same. `where`: None means 'without a value'."""

    kind: str
    where: Mapping[str, Any]
    contribution: float | None
    sentence: str


def findings(told: Explanation, lang: str, name: Name | None = None) -> list[Finding]:
    """The corners first, then where no corner says it, then the branches of the tree that moved most."""
    call = name or _plain
    if told.diff is None:
        return [Finding("missing", {}, None, _say("missing", lang, metric=_metric(told.asked.metric, lang)))]
    if not told.diff:
        return [Finding("same", {}, 0.0, _say("same", lang, metric=_metric(told.asked.metric, lang)))]
    found = [_corner(told, cause, lang, call) for cause in told.located.causes]
    unusual = any(cause.unusual for cause in told.located.causes)
    if told.located.dims and (told.located.everywhere or not found) and not unusual:
        kind = "everywhere" if told.located.everywhere else "nowhere"
        fields = {"metric": _metric(told.asked.metric, lang), "dims": _dims(told.located.dims, lang)}
        sentence = _say(kind, lang, amount=amount(told, told.diff, lang), **fields)
        found.insert(0 if kind == "everywhere" else len(found), Finding(kind, {}, float(told.diff), sentence))
    if told.located.besides or (told.located.everywhere and unusual):
        told_of = [cause for cause in told.located.causes if told.located.everywhere or not cause.apart]
        rest = float(told.diff) - sum(cause.contribution for cause in told_of)
        sentence = _say("besides", lang, amount=amount(told, rest, lang), dims=_dims(told.located.dims, lang))
        found.append(Finding("besides", {}, rest, sentence))
    return found + _branches(told, lang)


def coincidence_sentences(told: Explanation, lang: str) -> list[str]:
    """One sentence for everything that happened at the time."""
    place = 0 if lang == "zh" else 1
    return [
        _say(
            f"beside.{item.kind}",
            lang,
            **{name: value[place] if isinstance(value, tuple) else value for name, value in item.fields.items()},
        )
        for item in told.beside
    ]


def headline(told: Explanation, lang: str) -> str:
    """The change itself in a sentence."""
    if told.value is None or told.base is None or told.diff is None:
        return findings(told, lang)[0].sentence
    fields = {"metric": _metric(told.asked.metric, lang), "base": _number(told, told.base, lang)}
    return _say("headline", lang, value=_number(told, told.value, lang), **fields, amount=amount(told, told.diff, lang),
                percent=_percent(float(told.diff), float(told.base)))  # fmt: skip


def amount(told: Explanation, value: Decimal | float, lang: str) -> str:
    """A change with its sign in the unit of the metric: +¥1,234.00, −0.35 percentage points."""
    number = float(value)
    sign = "−" if number < 0 else "+"
    if told.unit == "rate":
        return f"{sign}{abs(number) * 100:,.2f}{_say('points', lang)}"
    return sign + _number(told, abs(number), lang)


def part_name(part: str, lang: str) -> str:
    """The name of a branch: a metric's, or that of the factor that closes a product."""
    if part in catalogue():
        return _metric(part, lang)
    key = f"explain.factor.{part}"
    return text(key, lang) if key in texts(lang) else part


def line_text(line: str, lang: str) -> str:
    """A line of the tree with names in place of ids."""
    return " ".join(part_name(word, lang) for word in line.split(" "))


def where_text(where: Mapping[str, Any], lang: str, name: Name | None = None) -> str:
    """A corner in words: 渠道 直播、省份 浙江."""
    call, comma = name or _plain, "、" if lang == "zh" else ", "
    return comma.join(
        f"{getattr(DIMENSIONS[dim], lang)} {text('explain.none', lang) if value is None else call(dim, value)}"
        for dim, value in where.items()
    )


def _corner(told: Explanation, cause: Cause, lang: str, name: Name) -> Finding:
    diff = float(told.diff or 0)
    share = cause.contribution / diff
    key = "corner" if 0 < share <= 1.005 else "corner_beyond" if share > 0 else "corner_against"
    sentence = _say(
        key if cause.whole else f"{key}_rest",
        lang,
        where=where_text(cause.where, lang, name),
        metric=_metric(told.asked.metric, lang),
        base=_number(told, cause.before, lang),
        value=_number(told, cause.after, lang),
        amount=amount(told, cause.contribution, lang),
        share=f"{abs(share) * 100:,.0f}%",
    )
    if cause.unusual:
        sentence += _say("unusual", lang)
    return Finding("corner", cause.where, cause.contribution, sentence)


def _branches(told: Explanation, lang: str) -> list[Finding]:
    if not told.splits:
        return []
    diff = float(told.diff or 0)
    moved = [part for part in told.splits[0].branches if abs(float(part.amount)) >= _SPREAD * abs(diff)]
    moved.sort(key=lambda part: -abs(part.amount))
    return [Finding("branch", {}, float(part.amount), _branch(told, part, lang)) for part in moved[:BRANCHES]]


def _branch(told: Explanation, part: Branch, lang: str) -> str:
    fields = {"part": part_name(part.name, lang), "metric": _metric(told.asked.metric, lang)}
    if part.name == REST:
        return _say("rest", lang, amount=amount(told, part.amount, lang), **fields)
    moved = (part.after or 0.0) - (part.before or 0.0)
    way = "same" if not moved else "new" if not part.before else "up" if moved > 0 else "down"
    percent = _percent(moved, part.before or 0.0)
    return _say(f"branch.{way}", lang, percent=percent, amount=amount(told, part.amount, lang), **fields)


def _percent(moved: float, before: float) -> str:
    return f"{abs(moved / before) * 100:,.1f}%" if before else "–"


def _number(told: Explanation, value: Decimal | float | None, lang: str) -> str:
    if value is None:
        return _say("unknown", lang)
    number = float(value)
    if told.unit == "rate":
        return f"{number * 100:,.2f}%"
    if told.unit == "yuan":
        shown = f"{abs(number):,.2f}"
        return ("−" if number < 0 else "") + (f"{shown} 元" if lang == "zh" else f"¥{shown}")
    if told.unit == "count" and number.is_integer():
        return f"{number:,.0f}"
    key = f"components.unit.{told.unit}"
    return f"{number:,.2f} {text(key, lang)}" if key in texts(lang) else f"{number:,.2f}"


def _metric(name: str, lang: str) -> str:
    return str(getattr(catalogue()[name], lang))


def _dims(names: tuple[str, ...], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(str(getattr(DIMENSIONS[name], lang)) for name in names)


def _plain(dimension: str, value: Any) -> str:
    return str(value)


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"explain.{key}", lang, **fields)
