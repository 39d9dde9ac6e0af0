"""How the text of a field becomes a value: SQL per field type, in two steps.

`quick` reads clean text. What it cannot read and is no null token goes through `plain`, which strips what exports put
around values, and `slow`, which reads the rest. The steps are layers of one statement: were they one expression, DuckDB
would take what its branches have in common out of them and compute it for every row (measured: 30 times slower).
A text that is neither a value nor a null token makes its row unusable: `bad_<type>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from warehouse.batch import FieldType

PERSON_KEY = "person_key"  # DuckDB variable that holds the key; never part of any SQL text

NULL_TOKENS = ("", "-", "--", "—", "——", "/", "无", "无退款申请", "null", "NULL", "\\N")
PADDING = " \t\r\n\u00a0\u3000\ufeff\u200b"
_ZERO_TIMES = ("0000-00-00 00:00:00", "0000-00-00", "1970-01-01 00:00:00", "1970-01-01 08:00:00", "0")

PROVINCES = (
    "北京",
    "天津",
    "河北",
    "山西",
    "内蒙古",
    "辽宁",
    "吉林",
    "黑龙江",
    "上海",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "广西",
    "海南",
    "重庆",
    "四川",
    "贵州",
    "云南",
    "西藏",
    "陕西",
    "甘肃",
    "青海",
    "宁夏",
    "新疆",
    "台湾",
    "香港",
    "澳门",
)

_WIDE = "０１２３４５６７８９．－，：％"
_NARROW = "0123456789.-,:%"


def quote(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def name(identifier: str) -> str:
    """A quoted SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def _list(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(quote(value) for value in values) + ")"


def _trim(x: str) -> str:
    """Trimming a set of wide characters is slow, so it is done only where an edge needs it."""
    return f"CASE WHEN regexp_matches({x}, '^[{PADDING}]|[{PADDING}]$') THEN trim({x}, {quote(PADDING)}) ELSE {x} END"


@dataclass(frozen=True)
class Zone:
    """The business's time zone, as SQL needs it: a constant offset where the zone has one, else the zone's name."""

    name: str
    offset: int | None

    @classmethod
    def of(cls, timezone: str) -> Zone:
        """Constant when no month from 2000 to 2040 differs."""
        zone = ZoneInfo(timezone)
        months = (datetime(year, month, 1, tzinfo=zone) for year in range(2000, 2041) for month in range(1, 13))
        offsets = {int(moment.utcoffset().total_seconds()) for moment in months}  # type: ignore[union-attr]
        return cls(timezone, offsets.pop() if len(offsets) == 1 else None)


def quick(kind: FieldType, x: str, zone: Zone) -> str | None:
    """SQL for the value of clean text `x`, null where it is not clean; None for types that have no quick form."""
    match kind:
        case "id":
            return f"CASE WHEN regexp_full_match({x}, '[0-9]+|[A-Za-z_][0-9A-Za-z_-]*') THEN {x} END"
        case "int":
            return f"CASE WHEN NOT contains({x}, '.') THEN try_cast({x} AS BIGINT) END"
        case "number" | "rate":
            return _finite(f"try_cast({x} AS DOUBLE)")
        case "percent":
            return _finite(f"try_cast({x} AS DOUBLE) / 100")
        case "money":
            return f"try_cast({x} AS DECIMAL(18,2))"
        case "time" | "date":
            # the three written-out lengths; an offset from UTC, which a cast would apply, has a plus sign
            clean = f"strlen({x}) IN (10, 16, 19) AND NOT contains({x}, '+')"
            return f"CASE WHEN {clean} THEN {_as(kind, f'try_cast({x} AS TIMESTAMP)')} END"
        case "epoch":
            return _epoch(x, zone)
    return None


def plain(kind: FieldType, x: str) -> str:
    """SQL for text `x` without what exports put around values."""
    if kind in ("int", "number", "money", "fen", "rate", "percent"):
        return f"trim(translate({x}, {quote(_WIDE + '¥￥$')}, {quote(_NARROW)}), {quote(PADDING + '元+')})"
    if kind in ("time", "date"):
        start = f"trim(split_part(split_part({x}, '~', 1), '至', 1), {quote(PADDING)})"
        return f"translate({start}, {quote(_WIDE)}, {quote(_NARROW)})"
    if kind == "id":
        return f"trim({x}, {quote(PADDING + chr(39) + '`=' + chr(34))})"
    return _trim(x)


def slow(kind: FieldType, p: str, zone: Zone, statuses: Mapping[str, str]) -> str:
    """SQL for the value of plain text `p`; null when it cannot be read."""
    match kind:
        case "text":
            return f"CASE WHEN {is_null_token(kind, p)} THEN NULL ELSE {p} END"
        case "id":
            return _id(p)
        case "int":
            return _whole(p)
        case "number" | "rate":
            return f"coalesce({_percent(p)}, {_scaled(p, 'DOUBLE')})" if kind == "rate" else _scaled(p, "DOUBLE")
        case "percent":
            return f"coalesce({_percent(p)}, {_scaled(p, 'DOUBLE')} / 100)"
        case "money":
            return _scaled(p, "DECIMAL(18,2)")
        case "fen":
            return f"CAST(CAST({_whole(p)} AS DECIMAL(18,0)) * 0.01 AS DECIMAL(18,2))"
        case "time" | "date":
            return _as(kind, _time(p, zone))
        case "epoch":
            return _epoch(p, zone)
        case "bool":
            return _bool(p)
        case "person":
            return _person(p)
        case "province":
            return _province(p)
        case "status":
            return _status(p, statuses)


def is_null_token(kind: FieldType, x: str) -> str:
    """SQL that is true when text `x` says that there is nothing."""
    return _among(x, NULL_TOKENS + (_ZERO_TIMES if kind in ("time", "date", "epoch") else ()))


def _among(x: str, texts: tuple[str, ...]) -> str:
    """As `IN`, of which DuckDB makes a join when it is long; that looks at every row before any condition around it."""
    return f"({' OR '.join(f'{x} = {quote(text)}' for text in texts)})"


def bad(kind: FieldType, p: str, v: str) -> str | None:
    """SQL that is true when something is there but is no value: plain text `p` left, value `v`; None: cannot happen."""
    if kind in ("text", "person", "province", "status"):
        return None
    return (
        f"CASE WHEN {v} IS NOT NULL THEN {out_of_range(kind, v)}"
        f" ELSE {p} IS NOT NULL AND NOT {is_null_token(kind, p)} END"
    )


def unknown(kind: FieldType, p: str, v: str) -> str | None:
    """SQL for the text of a status or province that no mapping knows; None for other types."""
    if kind not in ("status", "province"):
        return None
    return f"CASE WHEN {v} IS NOT NULL OR {p} IS NULL THEN NULL WHEN {is_null_token(kind, p)} THEN NULL ELSE {p} END"


def out_of_range(kind: FieldType, v: str) -> str:
    """No shop sells for ten billion in one cell or in the year 0202; such values are torn rows and typing slips."""
    if kind in ("time", "date", "epoch"):
        return f"NOT ({v} >= DATE '1990-01-01' AND {v} < DATE '2100-01-01')"
    if kind in ("money", "fen"):
        return f"abs({v}) >= 10000000000"
    if kind in ("int", "number"):
        return f"abs({v}) >= 1000000000000"
    return "false"


def _as(kind: FieldType, moment: str) -> str:
    return f"CAST({moment} AS DATE)" if kind == "date" else moment


def _id(p: str) -> str:
    """Scientific notation has lost digits: no value. Excel's '.0' is dropped."""
    return (
        f"CASE WHEN {is_null_token('id', p)} OR"
        f" regexp_full_match({p}, '[+-]?[0-9](\\.[0-9]+[eE]\\+?|[eE]\\+)[0-9]+') THEN NULL"
        f" WHEN suffix({p}, '0') THEN regexp_replace({p}, '^([0-9]+)\\.0+$', '\\1') ELSE {p} END"
    )


def _finite(v: str) -> str:
    return f"CASE WHEN isfinite({v}) THEN {v} END"


def _scaled(p: str, sql_type: str) -> str:
    """Grouped digits with 万 or 亿; commas only where they group by three."""
    digits = f"replace(regexp_replace({p}, '[万亿]$', ''), ',', '')"
    # the factor is exact in DECIMAL, so that 2.5万 yuan is 25000.00
    wide = "DOUBLE" if sql_type == "DOUBLE" else "DECIMAL(26,8)"
    scale = f"CASE right({p}, 1) WHEN '万' THEN 10000 WHEN '亿' THEN 100000000 ELSE 1 END"
    return (
        f"CASE WHEN regexp_full_match({p}, '-?([0-9]+|[0-9]{{1,3}}(,[0-9]{{3}})+|)(\\.[0-9]+|\\.?)[万亿]?')"
        f" THEN try_cast(try_cast({digits} AS {wide}) * {scale} AS {sql_type}) END"
    )


def _whole(p: str) -> str:
    wide = _scaled(p, "DECIMAL(20,4)")
    return f"CASE WHEN {wide} = trunc({wide}) THEN try_cast({wide} AS BIGINT) END"


def _percent(p: str) -> str:
    body = f"regexp_replace({p}, '%$', '')"
    return f"CASE WHEN suffix({p}, '%') THEN {_scaled(body, 'DOUBLE')} / 100 END"


def _time(p: str, zone: Zone) -> str:
    """Chinese, dotted and compact forms, hours or minutes only, Excel serials, offsets."""
    marks = f"translate({p}, '年月/.时点分日秒T', '----::: ')"
    tidy = f"rtrim(regexp_replace({marks}, ' +', ' ', 'g'), ' :-')"
    serial = f"TIMESTAMP '1899-12-30' + to_seconds(CAST(round(CAST({p} AS DOUBLE) * 86400) AS BIGINT))"
    day, clock = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", "[0-9]{1,2}:[0-9]{1,2}"
    compact = ["%Y%m%d", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%d %H:%M:%S", "%Y%m%d %H:%M"]
    marked = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y-%m-%d %H"]
    forms = (
        (p, "[0-9]{8}([0-9]{4}([0-9]{2})?| [0-9:]+)?", f"try_strptime({p}, {compact})"),
        (p, "[0-9]{5}(\\.[0-9]+)?", serial),
        (
            p,
            "[0-9-]+[T ][0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})",
            f"try_cast({p} AS TIMESTAMPTZ) AT TIME ZONE {quote(zone.name)}",
        ),
        (p, day + "[T ]+[0-9:]+\\.[0-9]+", f"try_cast({p} AS TIMESTAMP)"),
        (tidy, f"{day}( [0-9]{{1,2}}|( {clock}(:[0-9]{{1,2}})?))?", f"try_strptime({tidy}, {marked})"),
    )
    cases = " ".join(f"WHEN regexp_full_match({text}, '{form}') THEN {read}" for text, form, read in forms)
    return f"CASE {cases} END"


def _epoch(x: str, zone: Zone) -> str:
    """Seconds, or milliseconds from 13 digits on; 0 is 'never'."""
    count = f"try_cast({x} AS BIGINT)"
    if zone.offset is None:
        seconds = f"to_timestamp(CASE WHEN {count} > 100000000000 THEN {count} / 1000.0 ELSE {count} END)"
        moment = f"({seconds} AT TIME ZONE {quote(zone.name)})"
    else:
        micros = f"CASE WHEN {count} > 100000000000 THEN {count} * 1000 ELSE {count} * 1000000 END"
        moment = f"make_timestamp({micros} + {zone.offset * 1_000_000})"
    return f"CASE WHEN {count} > 0 AND {count} < 10000000000000 THEN {moment} END"


def _bool(p: str) -> str:
    yes, no = ("是", "true", "1", "yes", "y", "有", "t"), ("否", "false", "0", "no", "n", "f")
    return f"CASE WHEN lower({p}) IN {_list(yes)} THEN true WHEN lower({p}) IN {_list(no)} THEN false END"


def _person(p: str) -> str:
    """First 64 bits of SHA-256 over key and text; what is such a hash already ('#' and 16 hex) stands for itself.

    A masked text (138****1234, 张*) is nobody: it would make one buyer of many. A star within a platform's cipher text,
    which stands between signs ($$…$$, ##…##, ~…~), masks nothing. Quarantined rows keep the hash
    instead of the person, so replaying them must not hash it again.
    """
    hashed = f"sha256(getvariable('{PERSON_KEY}') || {p})"
    return (
        f"CASE WHEN {is_null_token('person', p)} OR regexp_matches({p}, '^[^$#~].*[*＊]|^[*＊]') THEN NULL"
        f" WHEN strlen({p}) = 17 AND regexp_full_match({p}, '#[0-9a-f]{{16}}') THEN CAST('0x' || {p}[2:] AS UBIGINT)"
        f" ELSE CAST('0x' || left({hashed}, 16) AS UBIGINT) END"
    )


def person_text(v: str) -> str:
    """SQL for the text that stands for a person in a quarantined row."""
    return f"'#' || printf('%016x', {v})"


def _province(p: str) -> str:
    """Every name begins with its own two characters, whatever stands behind (省, 市, 壮族自治区, a street)."""
    head = f"left(CASE WHEN starts_with({p}, '中国') THEN {p}[3:] ELSE {p} END, 2)"
    short = tuple(full for full in PROVINCES if len(full) == 2)
    rest = f"CASE WHEN {head} IN {_list(short)} THEN {head} END"
    return f"CASE {head} WHEN '内蒙' THEN '内蒙古' WHEN '黑龙' THEN '黑龙江' ELSE {rest} END"


def _status(p: str, statuses: Mapping[str, str]) -> str:
    if not statuses:
        return "CAST(NULL AS VARCHAR)"
    cases = " ".join(f"WHEN {quote(text)} THEN {quote(code)}" for text, code in statuses.items())
    return f"CASE {p} {cases} END"
