"""What is watched when nobody asks about a certain metric: declared metrics over declared corners.

Each fact is read once as rows of its finest parts; each watch is a count of them, or a rate of one count to another.
`near` says how near a metric is to a cause: where one event moves several, the nearest is named and the others follow
from it, down the tree (gmv ← orders ← price, people ordering twice, a room off air).
"""

from __future__ import annotations

from dataclasses import dataclass

PLACE = ("platform", "shop")


@dataclass(frozen=True)
class Watch:
    """`count` and `per` are columns of the fact's rows; `per` None: the level itself. `theta` None: `count` is money.

    `piece` is the column that says what a piece of `count` is worth (in yuan); `sign` turns more of it into gain or
    loss.
    """

    metric: str
    count: str
    per: str | None
    corners: tuple[tuple[str, ...], ...]
    near: int
    theta: float | None = 1.0
    both: bool = True  # more and less are both unusual; else only more
    piece: str | None = None
    sign: int = 1
    dims: tuple[str, ...] = ()  # of the corner that the metric itself can be asked by; empty: all
    tidal: tuple[tuple[str, ...], ...] = ()  # corners whose count is held against how the day goes around them

    def asked(self, corner: tuple[str, ...]) -> tuple[str, ...]:
        """The dimensions of a corner by which the metric itself is asked."""
        return tuple(name for name in corner if not self.dims or name in self.dims)


@dataclass(frozen=True)
class Fact:
    """A fact as it is read: the axis of `metrics.facts`, its own dimensions beside the place, and its columns."""

    axis: str
    dims: tuple[str, ...]
    columns: dict[str, str]
    watches: tuple[Watch, ...]
    also: tuple[tuple[str, str], ...] = ()  # dimension → value that all its rows have
    where: str = "TRUE"


PLANNED = "planned"
"""In place of a column: minutes that live rooms were to be on the air."""

_SHOP, _ROOMS = ("shop",), ("shop", "channel")
_AGAIN = """CAST(row_number() OVER (PARTITION BY CAST(paid_at AS DATE), platform, shop, sku_id, buyer
             ORDER BY paid_at, line_id) > 1 AND buyer IS NOT NULL AS INTEGER)"""

SALES = Fact(
    "sales",
    ("channel", "category", "product", "sku", "province", "city"),
    {
        "heads": "CAST(is_head AS INTEGER)",
        "lines": "1",
        "pieces": "coalesce(quantity, 1)",
        "gmv": "CAST(paid_amount AS DOUBLE)",
        "again": _AGAIN,
    },
    (
        Watch("unit_price", "gmv", "pieces", (("shop", "sku"), ("shop", "product")), 1, None, piece="gmv"),
        Watch("orders_per_buyer", "again", "lines", (("shop", "sku"), _SHOP), 2, both=False, piece="gmv"),
        Watch(
            "orders", "heads", None, ((), _SHOP, ("channel",), ("shop", "channel"), ("province",), ("city",)), 6,
            piece="gmv", tidal=(_SHOP,),
        ),
        Watch("orders", "heads", PLANNED, (_ROOMS,), 6, piece="gmv", tidal=(_ROOMS,)),
        Watch("orders", "lines", None, (("shop", "sku"), ("shop", "product"), ("category",)), 6, piece="gmv"),
    ),
    where="paid_amount > 0",
)  # fmt: skip
REFUNDS = Fact(
    "refunds",
    ("category", "product", "sku"),
    {"refunds": "1", "amount": "CAST(amount AS DOUBLE)"},
    (
        Watch(
            "refund_rate_cohort", "refunds", "due", (("shop", "sku"), ("shop", "product"), ("category",), _SHOP), 3,
            both=False, piece="amount", sign=-1,
        ),
    ),
)  # fmt: skip
ADS = Fact(
    "ads",
    ("ad_plan",),
    {"cost": "CAST(cost AS DOUBLE)", "orders": "orders", "gmv": "CAST(gmv AS DOUBLE)"},
    (
        Watch("ad_roi", "orders", "cost", (("shop", "ad_plan"), _SHOP), 3, piece="gmv"),
        Watch("ad_spend", "cost", None, (("shop", "ad_plan"), _SHOP), 5, None, piece="cost", sign=-1),
    ),
    also=(("channel", "ad"),),
)
LIVE = Fact(
    "live",
    (),
    {"orders": "orders", "gmv": "CAST(gmv AS DOUBLE)"},
    (Watch("live_gmv", "orders", None, (_SHOP,), 4, piece="gmv"),),
    also=(("channel", "live"),),
)
TRAFFIC = Fact(
    "traffic",
    ("channel",),
    {"visitors": "visitors", "buyers": "buyers", "gmv": "CAST(gmv AS DOUBLE)"},
    (
        Watch("cvr", "buyers", "visitors", (("shop", "channel"), _SHOP), 5, piece="gmv", dims=_SHOP),
        Watch("visitors", "visitors", None, (("shop", "channel"), _SHOP), 7, piece="gmv", dims=_SHOP),
    ),
    where="span = 'hour' AND product_id IS NULL AND channel IS NOT NULL",
)
TICKETS = Fact(
    "tickets",
    ("product", "sku"),
    {"tickets": "1", "complaints": "CAST(coalesce(complaint, FALSE) AS INTEGER)"},
    (Watch("complaints", "complaints", None, (("shop", "product"), _SHOP), 4, both=False),),
)
EXCEPTIONS = Fact(
    "exceptions",
    ("carrier", "province"),
    {"exceptions": "1"},
    (Watch("logistics_exceptions", "exceptions", None, (("carrier",), ("province",), ("carrier", "province")), 4,
           both=False),),
)  # fmt: skip
FACTS = (SALES, REFUNDS, ADS, LIVE, TRAFFIC, TICKETS, EXCEPTIONS)

CHANNEL_OF = {"live": "live_gmv"}
"""Channel → the metric that is its branch of the tree, where a shop's orders of that channel are what moved."""

NEAR_BRANCH = 4
STOCK, SOURCE = "stockout_skus", "source_lag_seconds"
NEAR_STOCK, NEAR_SOURCE = 4, 0

MOVES: dict[str, frozenset[str]] = {
    "unit_price": frozenset({"orders", "cvr", "visitors", STOCK, "ad_roi"}),
    "orders_per_buyer": frozenset({"orders", "cvr", "visitors", STOCK}),
    "refund_rate_cohort": frozenset({"complaints"}),
    "ad_roi": frozenset({"ad_spend", "visitors", "cvr"}),
    "ad_spend": frozenset({"visitors", "orders"}),
    "live_gmv": frozenset({"visitors", "orders", "cvr", "live_gmv"}),
    STOCK: frozenset({"orders", "cvr"}),
    "cvr": frozenset({"orders", "visitors"}),
    "orders": frozenset({"cvr", "visitors", "orders"}),
    "visitors": frozenset({"visitors"}),
}
"""Metric → those that move with it when it moves, downwards in the tree: what is told of an event once."""
