"""Dimensions copied onto facts, so that numbers are cut without joins: category, unit cost, campaign, a refund's sale.

Both ways: rows of this batch get what is known already, and rows of earlier batches get what this batch brought.
Only rows whose value changes are written, and their days are added to what was touched.
"""

from __future__ import annotations

from warehouse.engine import Connection
from warehouse.model import FACTS, Touched
from warehouse.parse import name

FILLED: dict[str, tuple[str, ...]] = {
    "order_line": ("category", "unit_cost", "campaign"),
    "refund": (
        "product_id",
        "sku_id",
        "category",
        "channel",
        "live_session",
        "creator",
        "campaign",
        "province",
        "city",
        "buyer",
        "unit_cost",
        "order_paid_at",
        "before_ship",
    ),
    "traffic": ("category",),
    "stock": ("category",),
    "ad_spend": ("category", "campaign", "aside"),
    "shipment": ("product_id", "sku_id", "category", "province", "city"),
    "ticket": ("product_id", "sku_id", "category"),
    "review": ("product_id", "sku_id", "category"),
    "purchase": ("category",),
}
"""Columns that the warehouse may fill: a batch that provides one never overwrites what is filled."""

_BY_PRODUCT = ("order_line", "traffic", "stock", "ad_spend", "refund", "ticket", "review")
_BY_ORDER = ("shipment", "ticket", "review")
_BY_CAMPAIGN = {"order_line": "coalesce(f.paid_at, f.created_at)", "ad_spend": 'f."at"'}


def fill(connection: Connection, batch_id: int, touched: Touched) -> None:
    """Fill what `batch_id` brought and what follows from it."""
    changed = set(touched.days)
    for fact in _BY_PRODUCT:
        if _any(connection, "product"):
            _categories(connection, fact, batch_id, fact in changed, "product" in changed, touched)
    if changed & {"order_line", "unit_cost"} and _any(connection, "unit_cost"):
        _unit_costs(connection, batch_id, "unit_cost" in changed, touched)
    for fact, moment in _BY_CAMPAIGN.items():
        if changed & {fact, "campaign"} and _any(connection, "campaign"):
            _campaigns(connection, fact, moment, batch_id, "campaign" in changed, touched)
    if "ad_spend" in changed:
        _ranges_aside(connection, touched)
    if touched.days.keys() & {"order_line", "refund"} and _any(connection, "refund"):
        _refunds(connection, batch_id, touched, bool(changed & {"product", "unit_cost", "campaign"}))
    for fact in _BY_ORDER:
        if changed & {fact, "order_line"} and _any(connection, fact) and _any(connection, "order_line"):
            _ordered(connection, fact, batch_id, fact in changed, touched)
    if changed & {"purchase", "product"} and _any(connection, "purchase") and _any(connection, "product"):
        _purchases(connection, batch_id, "product" in changed, touched)


def refill(connection: Connection, touched: Touched) -> None:
    """Fill campaigns and unit costs of every row anew, after what they were filled from was removed."""
    for fact, moment in _BY_CAMPAIGN.items():
        _campaigns(connection, fact, moment, None, False, touched)
    _unit_costs(connection, None, False, touched)
    _ranges_aside(connection, touched)
    if _any(connection, "refund"):
        _refunds(connection, 0, touched, True)


def _any(connection: Connection, table: str) -> bool:
    return connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None


def write_changed(connection: Connection, fact: str, columns: tuple[str, ...], select: str, touched: Touched) -> None:
    """Write the columns of `select` (which names the row `_at`) onto the fact where they differ."""
    differs = " OR ".join(f"f.{name(column)} IS DISTINCT FROM s.{name(column)}" for column in columns)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE filled AS SELECT s.* FROM ({select}) s JOIN {fact} f ON f.rowid = s._at"
        f" WHERE {differs}"
    )
    if not _any(connection, "temp.filled"):
        return
    touched.note(fact)
    for time in FACTS[fact].times:
        days = connection.execute(
            f"SELECT DISTINCT CAST(f.{name(time)} AS DATE) FROM {fact} f JOIN filled s ON f.rowid = s._at"
        ).fetchall()
        touched.add(fact, time, (day for (day,) in days))
        if time in columns:
            days = connection.execute(f"SELECT DISTINCT CAST({name(time)} AS DATE) FROM filled").fetchall()
            touched.add(fact, time, (day for (day,) in days))
    sets = ", ".join(f"{name(column)} = s.{name(column)}" for column in columns)
    connection.execute(f"UPDATE {fact} AS f SET {sets} FROM filled s WHERE f.rowid = s._at")


def ranges_aside(connection: Connection, batch_id: int) -> int:
    """How many ranges of ads do not count because of days that this batch told, or told itself."""
    found = connection.execute(
        "SELECT count(*) FROM ad_spend r WHERE r.aside AND (r.batch_id = ? OR EXISTS (SELECT 1 FROM ad_spend d"
        f" WHERE d.batch_id = ? AND {_INSIDE}))",
        [batch_id, batch_id],
    ).fetchone()
    return int(found[0]) if found else 0


_INSIDE = """d.platform = r.platform AND d.shop = r.shop AND d.ad_plan IS NOT DISTINCT FROM r.ad_plan
    AND d.creative IS NOT DISTINCT FROM r.creative AND d.span <> 'period' AND d."at" >= r."at"
    AND CAST(d."at" AS DATE) <= r.until"""


def _ranges_aside(connection: Connection, touched: Touched) -> None:
    """A plan's or creative's sums over a range give way to its rows of days inside that range."""
    write_changed(
        connection,
        "ad_spend",
        ("aside",),
        f"SELECT r.rowid AS _at, CASE WHEN EXISTS (SELECT 1 FROM ad_spend d WHERE {_INSIDE}) THEN true END AS aside"
        " FROM ad_spend r WHERE r.span = 'period' AND r.until IS NOT NULL",
        touched,
    )


def _categories(connection: Connection, fact: str, batch_id: int, own: bool, products: bool, touched: Touched) -> None:
    """The product list's category, where it knows the product."""
    if not own and not products:
        return
    news = f"SELECT platform, shop, product_id FROM product WHERE batch_id = {batch_id}"
    which = [f"f.batch_id = {batch_id}"] if own else []
    which += [f"(f.platform, f.shop, f.product_id) IN ({news})"] if products else []
    known = (
        "SELECT platform, shop, product_id, max_by(category, version) AS category FROM product"
        " WHERE category IS NOT NULL GROUP BY ALL"
    )
    write_changed(
        connection,
        fact,
        ("category",),
        f"SELECT f.rowid AS _at, p.category FROM {fact} f JOIN ({known}) p USING (platform, shop, product_id)"
        f" WHERE {' OR '.join(which)}",
        touched,
    )


def _unit_costs(connection: Connection, batch_id: int | None, costs: bool, touched: Touched) -> None:
    """The cost of the SKU that was valid on the day of payment."""
    which = "true" if batch_id is None else f"f.batch_id = {batch_id}"
    if costs:
        which += f" OR f.sku_id IN (SELECT sku_id FROM unit_cost WHERE batch_id = {batch_id})"
    write_changed(
        connection,
        "order_line",
        ("unit_cost",),
        f"SELECT f._at, u.amount AS unit_cost FROM (SELECT rowid AS _at, sku_id, CAST(paid_at AS DATE) AS day"
        f" FROM order_line f WHERE paid_at IS NOT NULL AND sku_id IS NOT NULL AND ({which})) f"
        f" ASOF LEFT JOIN unit_cost u ON f.sku_id = u.sku_id AND f.day >= u.valid_from",
        touched,
    )


def _campaigns(
    connection: Connection, fact: str, moment: str, batch_id: int | None, windows: bool, touched: Touched
) -> None:
    """The campaign whose window [start, end) holds the moment; of several the one that started last."""
    which = "true" if batch_id is None else f"f.batch_id = {batch_id}"
    if windows:
        news = f"SELECT * FROM campaign WHERE batch_id = {batch_id}"
        which += (
            f" OR f.campaign IN (SELECT campaign FROM ({news}))"
            f" OR EXISTS (SELECT 1 FROM ({news}) n WHERE {moment} >= n.starts_at AND {moment} < n.ends_at)"
        )
    write_changed(
        connection,
        fact,
        ("campaign",),
        f"SELECT f._at, max_by(c.campaign, (c.starts_at, c.campaign)) AS campaign FROM"
        f" (SELECT f.rowid AS _at, f.platform, {moment} AS moment FROM {fact} f WHERE {which}) f"
        f" LEFT JOIN campaign c ON f.moment >= c.starts_at AND f.moment < c.ends_at"
        f" AND (c.platform IS NULL OR c.platform = f.platform) GROUP BY f._at",
        touched,
    )


def _ordered(connection: Connection, fact: str, batch_id: int, own: bool, touched: Touched) -> None:
    """What the order knows of its goods and place, where the fact's source did not tell: of its line, else its head."""
    columns = FILLED[fact]
    news = f"SELECT platform, shop, order_id FROM order_line WHERE batch_id = {batch_id}"
    which = f"(platform, shop, order_id) IN ({news})" + (f" OR batch_id = {batch_id}" if own else "")
    line = "line_id" if fact == "review" else "NULL"
    values = ", ".join(f"coalesce(s.{column}, l.{column}, h.{column}) AS {column}" for column in columns)
    write_changed(
        connection,
        fact,
        columns,
        f"SELECT s._at, {values} FROM (SELECT rowid AS _at, {line} AS _line, * FROM {fact} WHERE {which}) s"
        f" LEFT JOIN order_line l ON l.platform = s.platform AND l.shop = s.shop AND l.line_id = s._line"
        f" LEFT JOIN (SELECT * FROM order_line WHERE is_head) h"
        f" ON h.platform = s.platform AND h.shop = s.shop AND h.order_id = s.order_id",
        touched,
    )


def _purchases(connection: Connection, batch_id: int, products: bool, touched: Touched) -> None:
    """The category of the SKU, whichever shop lists it: suppliers deliver to the company, not to a shop."""
    write_changed(
        connection,
        "purchase",
        ("category",),
        "SELECT f.rowid AS _at, coalesce(f.category, p.category) AS category FROM purchase f JOIN"
        " (SELECT sku_id, max_by(category, version) AS category FROM product WHERE category IS NOT NULL GROUP BY 1) p"
        f" USING (sku_id) WHERE {'true' if products else f'f.batch_id = {batch_id}'}",
        touched,
    )


def _refunds(connection: Connection, batch_id: int, touched: Touched, refilled: bool) -> None:
    """The sale behind a refund: its line, or the head line of its order when the line is not told or not known.

    `refilled`: lines of earlier batches were filled just now, so the refunds of lines of the touched days follow them.
    """
    news = f"SELECT platform, shop, order_id FROM order_line WHERE batch_id = {batch_id}"
    lines = f"SELECT platform, shop, line_id FROM order_line WHERE batch_id = {batch_id}"
    days = ", ".join(f"DATE '{day}'" for day in sorted(touched.of("order_line", "paid_at"))) or "NULL"
    moved = (
        f" OR (platform, shop, order_id) IN (SELECT platform, shop, order_id FROM order_line"
        f" WHERE CAST(paid_at AS DATE) IN ({days}))"
        if refilled
        else ""
    )
    copied = (
        "product_id",
        "sku_id",
        "category",
        "channel",
        "live_session",
        "creator",
        "campaign",
        "province",
        "city",
        "buyer",
        "unit_cost",
    )
    values = ", ".join(f"coalesce(l.{column}, h.{column}, r.{column}) AS {column}" for column in copied)
    shipped, status = "coalesce(l.shipped_at, h.shipped_at)", "coalesce(l.status, h.status)"
    write_changed(
        connection,
        "refund",
        (*copied, "order_paid_at", "before_ship"),
        f"SELECT r._at, {values}, coalesce(l.paid_at, h.paid_at, r.order_paid_at) AS order_paid_at,"
        f" CASE WHEN {shipped} IS NOT NULL THEN coalesce(r.applied_at, r.success_at) < {shipped}"
        f"  WHEN r.before_ship IS NULL AND {status} = 'paid' THEN true ELSE r.before_ship END AS before_ship"
        f" FROM (SELECT rowid AS _at, * FROM refund WHERE batch_id = {batch_id}"
        f"  OR (platform, shop, order_id) IN ({news}) OR (platform, shop, line_id) IN ({lines}){moved}) r"
        f" LEFT JOIN order_line l ON l.platform = r.platform AND l.shop = r.shop AND l.line_id = r.line_id"
        f" LEFT JOIN (SELECT * FROM order_line WHERE is_head) h"
        f" ON h.platform = r.platform AND h.shop = r.shop AND h.order_id = r.order_id",
        touched,
    )
