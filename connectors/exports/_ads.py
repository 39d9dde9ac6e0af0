"""What ad reports share: when a row begins, and whether it covers a day or a longer period."""

_LAST = "(?:~|至) *(20[0-9]{2})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})(?:[^0-9]|$)"
_YEAR, _MONTH, _DATE = (f"regexp_extract(day_text, '{_LAST}', {part})" for part in (1, 2, 3))
ENDS = f"try_cast({_YEAR} || '-' || {_MONTH} || '-' || {_DATE} AS TIMESTAMP)"
"""The last day of a range (`2026/6/1~2026/6/30`, `20260601至20260630`), null for a single day."""

_DAY = r"20\d{2}(?:[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{4})(?!\d)"
DATED = rf"(?<!\d){_DAY}(?:\s*[~至_]\s*{_DAY})?"
"""A day or a range of days in a file's name or above its header; no second of an export."""


def span(day: str = "day") -> str:
    """`day`, or `period` for a range of several days: its sums are kept at its first day."""
    return f"CASE WHEN {ENDS} > {day} THEN 'period' ELSE 'day' END"


def until(day: str = "day") -> str:
    """The last day of a range, null for a single day."""
    return f"CASE WHEN {ENDS} > {day} THEN CAST({ENDS} AS DATE) END"
