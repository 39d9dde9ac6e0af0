"""Readable names of metrics, dimensions and their values in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

import connectors
import metrics
from components import answers
from components.view import View
from i18n import catalogue

CODED = ("platform", "channel", "weekday", "segment", "was", "rfm")  # values are codes with texts in the catalogue


def metric(view: View, metric_id: str) -> str:
    """The metric's name from its declaration, a column's of an answer about people from the texts; else the id."""
    found = metrics.catalogue().get(metric_id)
    if found is None:
        return catalogue(view.lang).get(f"components.column.{metric_id}", metric_id)
    return str(found.zh if view.lang == "zh" else found.en)


def dimension(view: View, dimension_id: str) -> str:
    """The dimension's name."""
    found = metrics.dimensions().get(dimension_id)
    if found is None:
        return catalogue(view.lang).get(f"components.column.{dimension_id}", dimension_id)
    return str(found.zh if view.lang == "zh" else found.en)


def value(view: View, dimension_id: str, code: object) -> str:
    """A dimension's value: codes by the catalogue, the rest as they stand, null as 'not known'."""
    if code is None or code == "":
        return view.text("components.unknown")
    key = f"components.value.{dimension_id}.{code}"
    if dimension_id in CODED or (dimension_id == "province" and view.lang != "zh"):
        return catalogue(view.lang).get(key, str(code))
    if dimension_id == "hour":
        return f"{code:02}:00" if isinstance(code, int) else str(code)
    if dimension_id in answers.LABELLED:
        return answers.learn(view.context, dimension_id, [str(code)]).get(str(code)) or str(code)
    return str(code)


def code(view: View, book: str, value: object) -> str | None:
    """A code of the canonical model (`order_status`, `refund_kind`, …) in words; as it stands where there are none."""
    return None if value is None else catalogue(view.lang).get(f"components.code.{book}.{value}", str(value))


def kind(view: View, kind_id: str) -> str:
    """What a kind of file or API answer is called; its id when it is not (or no longer) known."""
    found = connectors.kind_named(kind_id)
    if found is None:
        return catalogue(view.lang).get(f"data.kind.{kind_id}", kind_id)
    return str(found.zh if view.lang == "zh" else found.en)


def hint(view: View, code: object) -> str:
    """What hovering over a value tells where the value itself says nothing."""
    return view.text("components.unknown_hint") if code is None or code == "" else ""


def several(view: View, parts: Iterable[str]) -> str:
    """Several names in a row, as the language lists them."""
    return ("、" if view.lang == "zh" else ", ").join(parts)


def comparison(view: View, word: str) -> str:
    """What a comparison is called beside a delta: 昨日同时, 去年 …"""
    return view.text(f"components.compare.short.{word}")


def line(view: View, word: str) -> str:
    """What a comparison's curve is called at its end: 昨日, 去年 …"""
    return view.text(f"components.compare.line.{word}")


def tiny(view: View, word: str) -> str:
    """The same on a card, where there is little room."""
    return view.text(f"components.compare.tiny.{word}")
