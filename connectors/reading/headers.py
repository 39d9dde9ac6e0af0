"""Headers as people's files spell them, brought to one form (fact sheet 7.8, point 4)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\ufdd0\ud800-\udfff]")
_BLANK = re.compile(r"\s+")
_BRACKETS = str.maketrans("（）【】［］｛｝：，／％", "()[][]{}:,/%")
_BANNER = re.compile(r"^\s*(#|-{3,})")


def normal(header: str | None) -> str:
    """One header in normal form: no blanks, no invisible characters, half-width brackets, 账 for 帐, case folded.

    Inner blanks go too: `订单 编号` and a header broken by a line feed are one column, and `Order ID` is `orderid`.
    """
    text = _INVISIBLE.sub("", header or "").translate(_BRACKETS).replace("帐", "账")
    text = unicodedata.normalize("NFKC", text)
    text = _BLANK.sub("", text).strip("\"'`").casefold()
    return text.removeprefix("=").strip('"')


def normal_row(cells: Iterable[str | None]) -> tuple[str, ...]:
    """A header row in normal form; the second column of one name becomes `name#2`."""
    seen: dict[str, int] = {}
    out = []
    for cell in cells:
        name = normal(cell)
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 or not name else f"{name}#{seen[name]}")
    return tuple(out)


def tidy(cells: Sequence[str | None]) -> tuple[str, ...]:
    """Headers for people's eyes: trimmed, on one line."""
    return tuple(_BLANK.sub(" ", _INVISIBLE.sub("", cell or "")).strip() for cell in cells)


def is_banner(cells: Sequence[str | None]) -> bool:
    """A line such as `#支付宝账务明细查询` or `-----列表-----`, which is neither header nor data."""
    return bool(cells) and bool(_BANNER.match(cells[0] or ""))
