"""What ad reports share: when a row begins, and whether it covers a day or a longer period."""

_DIGITS = "regexp_replace(day_text, '[-/.年月日 ]', '', 'g')"
ENDS = f"try_strptime(regexp_extract({_DIGITS}, '(?:~|至|_)([0-9]{{8}})', 1), '%Y%m%d')"


def span(day: str = "day") -> str:
    """`day`, or `period` for a range of several days: its sums are kept at its first day."""
    return f"CASE WHEN {ENDS} > {day} THEN 'period' ELSE 'day' END"


def until(day: str = "day") -> str:
    """The last day of a range, null for a single day."""
    return f"CASE WHEN {ENDS} > {day} THEN CAST({ENDS} AS DATE) END"
