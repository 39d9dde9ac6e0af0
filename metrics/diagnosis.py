"""Products by how many look and how many of them buy: four quarters, and what may keep lookers from buying.

Lookers are visitors of the product's page (else its page views, else clicks on it), buying is orders per looker.
Products are parted by the median of lookers and by the conversion of all of them together. A low conversion that
chance explains (within two standard deviations of a binomial share) is told as not sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from errors import UserError
from metrics.query import check, query
from metrics.types import Period, Query, Result, Scope

if TYPE_CHECKING:
    import pandas as pd

    from warehouse import Warehouse

QUARTERS = ("star", "leak", "hidden", "weak")
HINTS = ("stock", "price", "refunds", "reviews", "page")
VIEWS = ("visitors", "page_views", "clicks")
PRICED, WORSE, LOWER = 1.2, 1.5, 0.3  # times the category's median price, times the usual rate, stars below the mean
_BESIDE = ("gmv", "items", "unit_price", "refund_rate", "bad_review_rate", "rating", "stock_available")


@dataclass(frozen=True)
class Diagnosis:
    """`result` rows: `product, views, orders, conversion, gmv, items, unit_price, refund_rate, bad_review_rate, rating,
    stock_available, category, quarter, sure` (1 or 0) `, hints` (codes joined by commas, for leaks; `page` when nothing
    else stands out). `views` is the metric that counts the lookers, None without product traffic (`result.notes`)."""

    result: Result
    views: str | None
    views_split: float | None
    conversion_split: float | None
    usual: Mapping[str, float] = field(default_factory=dict)


def diagnose(
    warehouse: Warehouse,
    period: Period | str | None,
    scope: Scope,
    filters: Mapping[str, tuple[str, ...]] | None = None,
) -> Diagnosis:
    """Every product with lookers in the period, the most lost orders first.

    Quarters: star (many look, many buy), leak (many look, few buy), hidden (few look, many buy), weak. What the asker
    may not see, or what cannot be cut as asked, is left out of the hints.

    Raises:
        UserError: what `query` raises, for views and orders.
    """
    import pandas as pd

    filters = filters or {}
    asked = Query(("orders",), ("product",), period=period, filters=filters)
    looked, views = _views(warehouse, asked, scope)
    if views is None:
        return Diagnosis(looked, None, None, None)
    beside = tuple(name for name in _BESIDE if _may(replace(asked, metrics=(name,)), scope))
    found = query(warehouse, replace(asked, metrics=(views, "orders", *beside)), scope)
    frame = pd.DataFrame(found.rows).rename(columns={views: "views"})
    frame = frame[frame["product"].notna() & (frame["views"] > 0)].reset_index(drop=True)
    if frame.empty:
        return Diagnosis(replace(found, rows=[]), views, None, None)
    for name in _BESIDE:
        frame[name] = pd.to_numeric(frame[name]) if name in frame else np.nan
    frame["orders"] = frame["orders"].fillna(0)
    frame["conversion"] = frame["orders"] / frame["views"]
    frame["category"] = frame["product"].map(_categories(warehouse, asked, scope))
    views_split, split = float(frame["views"].median()), float(frame["orders"].sum() / frame["views"].sum())
    usual = _usual(warehouse, asked, scope, beside)
    frame = _judged(frame, views_split, split, usual)
    units = {"views": "count", "orders": "count", "conversion": "rate"} | {n: found.units[n] for n in beside}
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    told = replace(found, metrics=tuple(units), units=units, rows=[{str(k): v for k, v in row.items()} for row in rows])
    return Diagnosis(told, views, views_split, split, usual)


def _views(warehouse: Warehouse, asked: Query, scope: Scope) -> tuple[Result, str | None]:
    """The first metric of lookers that products have; the last answer tells why there is none."""
    for name in VIEWS:
        found = query(warehouse, replace(asked, metrics=(name,)), scope)
        if any(row[name] for row in found.rows if row["product"] is not None):
            return found, name
    return replace(found, rows=[], notes={"views": found.notes.get(VIEWS[-1], "no_traffic")}), None


def _may(asked: Query, scope: Scope) -> bool:
    try:
        check(asked, scope)
    except UserError as error:
        if error.code in ("not_allowed", "dimension_not_allowed"):
            return False
        raise
    return True


def _categories(warehouse: Warehouse, asked: Query, scope: Scope) -> dict[str, str]:
    """The category in which a product sold most."""
    found = query(warehouse, replace(asked, metrics=("orders",), dimensions=("product", "category")), scope)
    rows = sorted((row for row in found.rows if row["category"] is not None), key=lambda row: row["orders"] or 0)
    return {row["product"]: row["category"] for row in rows}


def _usual(warehouse: Warehouse, asked: Query, scope: Scope, beside: tuple[str, ...]) -> dict[str, float]:
    wanted = tuple(name for name in ("refund_rate", "bad_review_rate", "rating") if name in beside)
    if not wanted:
        return {}
    rows = query(warehouse, replace(asked, metrics=wanted, dimensions=()), scope).rows
    return {name: float(rows[0][name]) for name in wanted if rows and rows[0][name] is not None}


def _judged(frame: pd.DataFrame, views_split: float, split: float, usual: Mapping[str, float]) -> pd.DataFrame:
    import pandas as pd

    many, buys = frame["views"] >= views_split, frame["conversion"] >= split
    chance = np.sqrt(split * max(0.0, 1 - split) / frame["views"])
    frame["quarter"] = np.select([many & buys, many, buys], ["star", "leak", "hidden"], "weak")
    frame["sure"] = ((frame["conversion"] - split).abs() > 2 * chance).astype(int)
    price = frame["unit_price"] > PRICED * frame.groupby("category")["unit_price"].transform("median")
    never = pd.Series(False, index=frame.index)
    marks = {
        "stock": frame["stock_available"] <= 0,
        "price": price,
        "refunds": frame["refund_rate"] > WORSE * usual["refund_rate"] if "refund_rate" in usual else never,
        "reviews": (
            frame["bad_review_rate"] > WORSE * usual["bad_review_rate"] if "bad_review_rate" in usual else never
        )
        | (frame["rating"] < usual["rating"] - LOWER if "rating" in usual else never),
    }
    told = [",".join(name for name, mark in marks.items() if mark[at]) or "page" for at in frame.index]
    frame["hints"] = [hint if leak else "" for hint, leak in zip(told, frame["quarter"] == "leak", strict=True)]
    frame["missed"] = (split * frame["views"] - frame["orders"]).clip(lower=0)
    return frame.sort_values(["missed", "views", "product"], ascending=[False, False, True]).drop(columns="missed")
