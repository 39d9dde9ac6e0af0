"""What stands behind a number: its rows, the batches and files they came from, and the names of what it is cut by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from config import now
from errors import UserError
from metrics.buyer_cuts import axis_of, define, params_of, personal
from metrics.coverage import Where, axis_extent
from metrics.declare import Axis
from metrics.dimensions import PERSONAL, check_dimension
from metrics.facts import AXES
from metrics.people import Cuts
from metrics.periods import resolve_period
from metrics.query import anchor, check, merged_filters, needed_axes, shape_filters
from metrics.shape import Shape, SideShape, column, in_period, matches, number_params, param, parse, select
from metrics.types import Period, Query, Scope
from warehouse import labels as names

if TYPE_CHECKING:
    from warehouse import Warehouse

_FACTS = {"order_line": ("sales", "gmv"), "refund": ("refunds", "refund_amount")}
_HIDDEN = {"buyer", *PERSONAL}
_ASKED = SideShape("a", frozenset(), False)


def details(
    warehouse: Warehouse,
    fact: str,
    filters: Mapping[str, tuple[str, ...]],
    period: Period | str | None,
    scope: Scope,
    limit: int = 100,
    offset: int = 0,
    order_id: str | None = None,
) -> list[dict[str, Any]]:
    """Paid order lines or successful refunds of the period, newest first; money in yuan, without the buyer's hash.

    With `order_id` those of that order alone.

    Raises:
        UserError: `unknown_fact`, and what `query` raises for dimensions, filters, periods and rights.
    """
    if fact not in _FACTS:
        raise UserError("unknown_fact", name=fact, known=", ".join(_FACTS))
    axis_id, metric = _FACTS[fact]
    asked = Query((metric,), filters=filters, period=period)
    check(asked, scope)
    axis = AXES[axis_id]
    tree, params = _rows(warehouse, axis, asked, scope, [exp.Star()])
    if order_id is not None:
        tree = tree.where(exp.EQ(this=column("order_id"), expression=param("order_id")))
        params["order_id"] = order_id
    tree = (
        tree.order_by(
            exp.Ordered(this=column(axis.time), desc=True, nulls_first=False),
            *(column(name) for name in ("platform", "shop", "order_id", "batch_id", "source_row")),
        )
        .limit(param("limit"))
        .offset(param("offset"))
    )
    sql, order = number_params(tree)
    params |= {"limit": limit, "offset": offset}
    with warehouse.reader() as cursor:
        found = cursor.execute(sql, [params[name] for name in order])
        columns = [item[0] for item in found.description or ()]
        rows = found.fetchall()
    return [
        {name: _plain(value) for name, value in zip(columns, row, strict=True) if name not in _HIDDEN} for row in rows
    ]


def lineage(warehouse: Warehouse, asked: Query, scope: Scope) -> list[dict[str, Any]]:
    """Batches whose rows a question reads, newest first: `batch_id, kind, source, platform, shop, file_name, sha256,
    loaded_at, rows` (rows of that batch that were read).

    Raises:
        UserError: as `query`.
    """
    check(asked, scope)
    counts: dict[int, int] = {}
    for axis_id in sorted(needed_axes(asked)):
        axis = AXES[axis_id]
        if not axis.subject:
            continue
        count = [column("batch_id"), exp.alias_(parse("count(*)"), "rows")]
        tree, params = _rows(warehouse, axis, asked, scope, count)
        sql, order = number_params(tree.group_by(column("batch_id")))
        with warehouse.reader() as cursor:
            for batch, rows in cursor.execute(sql, [params[name] for name in order]).fetchall():
                counts[batch] = counts.get(batch, 0) + rows
    wanted = ("batch_id", "kind", "source", "platform", "shop", "file_name", "sha256", "loaded_at")
    with warehouse.reader() as cursor:
        batches = cursor.execute(
            f"SELECT {', '.join(wanted)} FROM load_batch WHERE list_contains($1, batch_id) ORDER BY batch_id DESC",
            [list(counts)],
        ).fetchall()
    return [dict(zip(wanted, row, strict=True)) | {"rows": counts[row[0]]} for row in batches]


def labels(warehouse: Warehouse, dimension: str, values: Sequence[str]) -> dict[str, str]:
    """Value → name for SKUs, products, creators, live sessions and ad plans; what nobody named is absent."""
    check_dimension(dimension)
    wanted = [value for value in dict.fromkeys(values) if value]
    if not wanted:
        return {}
    if dimension == "sku":
        return names.sku_names(warehouse, wanted)
    queries = {
        "product": "SELECT product_id, arg_max(name, version) FROM product WHERE list_contains($1, product_id) "
        "AND name IS NOT NULL GROUP BY 1",
        "live_session": "SELECT live_session, arg_max(title, version) FROM live_session "
        "WHERE list_contains($1, live_session) AND title IS NOT NULL GROUP BY 1",
        "creator": "SELECT creator, arg_max(name, version) FROM creator WHERE list_contains($1, creator) "
        "AND name IS NOT NULL GROUP BY 1",
        "ad_plan": "SELECT ad_plan, arg_max(ad_plan_name, version) FROM ad_spend WHERE list_contains($1, ad_plan) "
        "AND ad_plan_name IS NOT NULL GROUP BY 1",
    }
    if dimension not in queries:
        return {}
    with warehouse.reader() as cursor:
        found = dict(cursor.execute(queries[dimension], [wanted]).fetchall())
        missing = [value for value in wanted if value not in found]
        if dimension == "product" and missing:
            found |= dict(
                cursor.execute(
                    "SELECT product_id, arg_max(product_name, version) FROM order_line "
                    "WHERE list_contains($1, product_id) AND product_name IS NOT NULL GROUP BY 1",
                    [missing],
                ).fetchall()
            )
    return found


def _rows(
    warehouse: Warehouse, axis: Axis, asked: Query, scope: Scope, values: list[exp.Expr]
) -> tuple[exp.Select, dict[str, Any]]:
    filters, params = merged_filters(asked, scope)
    shape = Shape(asked.metrics, (), (), None, shape_filters(filters), (_ASKED,), None, None, False)
    period = asked.period
    if isinstance(period, str):
        period = resolve_period(period, anchor(warehouse, scope))
    where = [*matches(shape, axis, axis.time), parse(axis.condition(shape.touched))]
    if period is None:
        extent = axis_extent(warehouse, axis, Where())
        where.append(exp.Not(this=exp.Is(this=column(axis.time), expression=exp.null())) if extent else exp.false())
    else:
        where += in_period(_ASKED, column(axis.time))
        params |= {"a_start": period.start, "a_end": period.end}
    tree = select(values, axis_of(axis, shape, _ASKED).table, where)
    if personal(shape.touched):
        end = period.end if period else datetime.max
        params |= params_of({"a": Period(datetime.min, end)}, now(warehouse.settings), Cuts.of(warehouse.settings))
        define(tree, AXES["sales"], shape, _ASKED)
    return tree, params


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def homes(warehouse: Warehouse, products: Sequence[str]) -> dict[str, str]:
    """Product → the shop that lists it; what no list names is absent."""
    sql = "SELECT product_id, arg_max(shop, version) FROM product WHERE list_contains($1, product_id) GROUP BY 1"
    with warehouse.reader() as cursor:
        return dict(cursor.execute(sql, [list(products)]).fetchall())
