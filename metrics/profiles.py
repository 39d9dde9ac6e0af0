"""Who the buyers of a segment are: where they live, at what hour they buy, what they spend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from metrics.people import Cuts, cut_params, segment_sql
from metrics.segments import high_money
from metrics.slices import Columns, Slice, answer, lines
from metrics.standing import standing
from metrics.types import Result, Scope

if TYPE_CHECKING:
    from warehouse import Warehouse

By = Literal["province", "hour", "level"]


def profile(
    warehouse: Warehouse, asked: Slice, scope: Scope, by: By, segment: str | None = None, cuts: Cuts | None = None
) -> Result:
    """The buyers of `segment` (None: of all) by `by`: `buyers`, `share` of them, `gmv`, `aov` (yuan per buyer).

    `province` is that of a buyer's last order; `level` 1–5 is what he spent in all, parted by the fixed money points of
    the settings; at `hour` a buyer counts in every hour he bought in, so those shares add up to more than 1.

    Raises:
        UserError: what `query` raises for filters and rights.
    """
    cuts = cuts or Cuts.of(warehouse.settings)
    found = lines(warehouse, asked, scope)
    params = cut_params(cuts)
    chosen = "TRUE"
    if segment is not None:
        chosen = f"{segment_sql('$high_money')} = $segment"
        params |= {"segment": segment, "high_money": high_money(warehouse, asked, scope, cuts)}
    if by == "level":
        params["levels"] = list(cuts.money)
    sql = f"""
        WITH {standing(found, province=by == "province")},
        chosen AS {"NOT " if by != "hour" else ""}MATERIALIZED (SELECT * FROM buyer_state WHERE {chosen}),
        told AS ({_told(by, found.where)})
        SELECT {by}, buyers, buyers / {_HELD[by == "hour"]} AS share,
               round(paid, 2)::DOUBLE AS gmv, paid::DOUBLE / nullif(buyers, 0) AS aov
        FROM told ORDER BY {"buyers DESC, province" if by == "province" else by}"""
    columns = Columns((by,), {"buyers": "count", "share": "rate", "gmv": "yuan", "aov": "yuan"})
    return answer(found, f"profile.{by}", columns, sql, params)


_HELD = {False: "sum(buyers) OVER ()", True: "(SELECT count(*) FROM chosen)"}  # at an hour a buyer counts once more


def _told(by: By, where: str) -> str:
    if by == "hour":
        return (
            "SELECT hour(paid_at)::INT AS hour, count(DISTINCT buyer) AS buyers, coalesce(sum(paid_amount), 0) AS paid "
            f"FROM order_line SEMI JOIN chosen USING (buyer) WHERE {where} GROUP BY ALL"
        )
    value = "province"
    if by == "level":
        value = "(1 + " + " + ".join(f"(money > $levels[{number}])::INT" for number in range(1, 5)) + ") AS level"
    return f"SELECT {value}, count(*) AS buyers, sum(money) AS paid FROM chosen GROUP BY ALL"
