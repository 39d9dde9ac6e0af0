"""Order totals: amounts that an export repeats on every line of an order, shared out over the lines to the cent."""

from __future__ import annotations

from warehouse.engine import Connection
from warehouse.model import Fact, Touched


def share_totals(connection: Connection, fact: Fact, columns: tuple[str, ...], touched: Touched) -> None:
    """placeholder"""
