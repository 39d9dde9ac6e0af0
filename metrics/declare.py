"""How a metric, a measure and a fact are declared. Declarations are data; `compile.py` turns them into SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from metrics.types import Direction, Grain, Layer, Unit

Origin = Literal["declared", "custom", "overridden"]  # by this code; made by a person; by a person in its place
Kind = Literal[
    "plain",
    "orders",
    "orders_any",
    "people",
    "buyers",
    "new",
    "repurchase",
    "stock",
    "cover",
    "stock_mean",
    "funnel",
    "pairs",
    "target",
    "length",
    "lag",
    "reorder",
    "lost",
]
"""How a measure is computed.

plain    one aggregate over the rows of the fact
orders   distinct orders; `sql` is the condition on their lines
orders_any  the same where the lines of one order may differ in the condition
people   users as a traffic source counts them: null where the rows used cannot be added up
others   a part of its own in `parts.py` and `stock.py`
"""


@dataclass(frozen=True)
class Axis:
    """A fact placed in time by one of its columns: measures of one axis share one scan."""

    id: str
    table: str
    time: str
    subject: str  # coverage subject that says where this axis has rows
    dims: Mapping[str, str]  # dimension id → column
    where: str = "TRUE"
    finest: Grain = "minute"
    reason: str = "no_data"  # code when the axis has no rows in the asked scope
    line_dims: frozenset[str] = frozenset()  # dimensions in which the lines of one order may differ
    apart: Mapping[str, str] = field(
        default_factory=dict
    )  # dimension → condition instead of `where` once it is touched
    within: tuple[str, ...] = ()  # other subjects whose time span also counts: no refund that day means 0

    def condition(self, touched: Collection[str]) -> str:
        """Which rows answer a question that touches these dimensions."""
        return next((where for name, where in self.apart.items() if name in touched), self.where)


@dataclass(frozen=True)
class Measure:
    """A number that can be read from one axis."""

    id: str
    axis: str
    sql: str  # DuckDB SQL over the columns of the fact; for `orders` a condition
    kind: Kind = "plain"
    needs: str | None = None  # coverage subject without which the number is not known
    reason: str | None = None  # code when `needs` has no rows
    instead: tuple[str, ...] = ()  # measures to take when the axis has no rows in the asked scope


@dataclass(frozen=True)
class Metric:
    """One indicator of the catalogue. `formula` is over measures and other metrics; empty means the measure `id`."""

    id: str
    zh: str
    en: str
    layer: Layer
    unit: Unit
    direction: Direction
    owner: str  # role that answers for it
    definition_zh: str
    definition_en: str
    formula: str = ""
    parents: tuple[str, ...] = ()  # metrics it is a part of, in the tree
    # filled by the catalogue
    dimensions: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    fact: str = ""
    finest: Grain = "minute"
    uses: frozenset[str] = field(default_factory=frozenset)  # every metric it is built on, itself included
    origin: Origin = "declared"
