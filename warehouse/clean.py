"""The cheap reading of clean text: a value per field and, of every row, whether any of its cells is in doubt.

Nothing is decided here that `parse` would decide otherwise: a cell that is not in doubt has the value that `parse`
gives it, a row with a cell in doubt is read again by `parse` in full. Exports are clean in nearly every cell, so the
layers of `parse` would be spent on nothing; fields that are not clean in a sample of the file take them at once.
"""

from __future__ import annotations

from collections.abc import Mapping

from warehouse import parse
from warehouse.batch import FieldType
from warehouse.parse import PADDING, Zone, quote


def value(kind: FieldType, x: str, zone: Zone, statuses: Mapping[str, str]) -> str | None:
    """SQL for the value of clean text `x`; None for types that have no cheap reading."""
    if kind in ("text", "person", "province", "status", "bool"):
        return parse.slow(kind, x, zone, statuses)
    return parse.quick(kind, x, zone)


def doubt(kind: FieldType, x: str, v: str) -> str:
    """SQL that is true when `parse` might read text `x` otherwise than as `v`, or find a fault in it."""
    if kind in ("text", "person"):
        return _padded(x)
    unread = f"({v} IS NULL AND {x} <> '-' AND NOT {parse.is_null_token(kind, x)})"
    limits = parse.out_of_range(kind, v)
    return unread if limits == "false" else f"{unread} OR {limits}"


def _padded(x: str) -> str:
    """Something to strip at either end (every narrow padding sorts before '!')."""
    wide = " OR ".join(f"starts_with({x}, {quote(char)})" for char in PADDING if char > "~")
    return f"({x} <> '-' AND ({x} < '!' OR {wide} OR contains({quote(PADDING)}, right({x}, 1))))"
