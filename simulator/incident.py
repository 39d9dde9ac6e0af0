"""One thing that goes wrong; `incidents` plans them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Incident:
    """One incident. Times are wall-clock seconds; `sku`, `plan`, `slot`, `shop` are positions or -1."""

    id: str
    kind: str
    starts: int
    ends: int
    platform: str
    shop: int
    metric: str
    effect: str
    sku: int = -1
    plan: int = -1
    slot: int = -1
    factor: float = 1.0
