"""Columns that name a part of the business: readable codes, each a link deeper into it."""

from __future__ import annotations

from typing import Any

from components import details, names
from components.table import Column
from components.view import View


def dimension_column(view: View, dimension_id: str, *, filter: bool = False, width: int | None = None) -> Column:
    """A dimension's column: an SKU leads to its page, everything else filters this one."""

    def href(row: dict[str, Any]) -> str | None:
        value = row.get(dimension_id)
        if value is None:
            return None
        if dimension_id == "sku":
            return details.sku_link(view, str(value))
        return view.toggled(dimension_id, str(value)).href()

    title = names.dimension(view, dimension_id)
    wide = 260 if dimension_id in ("sku", "product") else None  # it stays in place and takes no share of the rest
    return Column(dimension_id, title, kind="dimension", link=href, filter=filter, width=width or wide)
