"""What a file is: by its first bytes, never by its extension."""

from __future__ import annotations

import csv
import io
import re
from typing import Literal

Shape = Literal["zip", "gzip", "xlsx", "xls", "parquet", "html", "text"]

_HTML = re.compile(rb"<\s*(!doctype html|html|table|meta|head|body)\b", re.IGNORECASE)
DELIMITERS = (",", "\t", ";", "|")


def shape(head: bytes, names: list[str] | None = None) -> Shape:
    """The shape of a file from its first bytes (`names`: the members when it is a ZIP)."""
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return "xlsx" if any(name.startswith(("xl/", "[Content_Types]")) for name in names or []) else "zip"
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    if head.startswith(b"PAR1"):
        return "parquet"
    text = head.replace(b"\x00", b"") if head[:2] in (b"\xff\xfe", b"\xfe\xff") else head
    start = text.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").lstrip()
    return "html" if _HTML.match(start[:200]) else "text"


def wide(head: bytes) -> str | None:
    """The UTF-16 flavour of a text file, or None: by its mark, or by the zero bytes of its ASCII part."""
    if head[:2] == b"\xff\xfe":
        return "utf-16-le"
    if head[:2] == b"\xfe\xff":
        return "utf-16-be"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) >= 8 and max(even, odd) > len(head) // 12 and min(even, odd) * 20 < max(even, odd):
        return "utf-16-be" if even > odd else "utf-16-le"
    return None


def delimiter(sample: str) -> str:
    """The delimiter that cuts most of the first lines into the same number (> 1) of cells; a comma when none does."""
    lines = [line for line in sample.splitlines() if line.strip()][:30]
    best, best_score = ",", 0.0
    for candidate in DELIMITERS:
        widths = [len(row) for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=candidate) if row]
        if not widths:
            continue
        common = max(set(widths), key=lambda width: (widths.count(width), width))
        score = widths.count(common) / len(widths) * min(common, 6) if common > 1 else 0.0
        if score > best_score + 1e-9:
            best, best_score = candidate, score
    return best
