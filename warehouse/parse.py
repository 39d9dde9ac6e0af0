"""How the text of a field becomes a value: one SQL expression per field type.

Each type has a quick form for clean text and a slow one that strips what exports put around values; DuckDB evaluates
the slow one only for the rows that need it (`coalesce` and `CASE` work on selections). A text that is neither a value
nor one of the null tokens makes its row unusable: `bad_<type>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from warehouse.batch import FieldType

PERSON_KEY = "person_key"          # DuckDB variable that holds the key; never part of any SQL text

NULL_TOKENS = ("", "-", "--", "—", "——", "/", "无", "无退款申请", "null", "NULL", "\\N")
_PADDING = " \t\r\n\u00a0\u3000\ufeff\u200b"
_ZERO_TIMES = ("0000-00-00 00:00:00", "0000-00-00", "1970-01-01 00:00:00", "1970-01-01 08:00:00", "0")

PROVINCES = (
    "北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南",
    "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州", "云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆",
    "台湾", "香港", "澳门")

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
    return f"trim({x}, {quote(_PADDING)})"


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


def value(kind: FieldType, x: str, zone: Zone, statuses: Mapping[str, str]) -> str:
    """SQL for the value of raw text `x` (a column); null when it is a null token or cannot be read."""
    match kind:
        case "text":
            return _text(x)
        case "id":
            return _id(x)
        case "int":
            return f"coalesce(CASE WHEN NOT contains({x}, '.') THEN try_cast({x} AS BIGINT) END, {_whole(x)})"
        case "number":
            return f"coalesce({_finite(f'try_cast({x} AS DOUBLE)')}, {_scaled(x, 'DOUBLE')})"
        case "money":
            return f"coalesce(try_cast({x} AS DECIMAL(18,2)), {_scaled(x, 'DECIMAL(18,2)')})"
        case "fen":
            return f"CAST(CAST({_whole(x)} AS DECIMAL(18,0)) * 0.01 AS DECIMAL(18,2))"
        case "rate":
            return f"coalesce({_finite(f'try_cast({x} AS DOUBLE)')}, {_percent(x)}, {_scaled(x, 'DOUBLE')})"
        case "percent":
            return f"coalesce({_finite(f'try_cast({x} AS DOUBLE)')} / 100, {_percent(x)}, {_scaled(x, 'DOUBLE')} / 100)"
        case "time":
            return _time(x, zone)
        case "date":
            return f"CAST({_time(x, zone)} AS DATE)"
        case "epoch":
            return _epoch(x, zone)
        case "bool":
            return _bool(x)
        case "person":
            return _person(x)
        case "province":
            return _province(x)
        case "status":
            return _status(x, statuses)


def bad(kind: FieldType, x: str, v: str) -> str | None:
    """SQL that is true when raw `x` is there but is no value, `v` being what `value` made of it; None: cannot happen."""
    if kind in ("text", "person", "province", "status"):
        return None
    tokens = NULL_TOKENS + (_ZERO_TIMES if kind in ("time", "date", "epoch") else ())
    return (f"CASE WHEN {v} IS NOT NULL THEN {_out_of_range(kind, v)} WHEN {x} IS NULL THEN false"
            f" ELSE {_trim(x)} NOT IN {_list(tokens)} END")


def _out_of_range(kind: FieldType, v: str) -> str:
    """No shop sells for ten billion in one cell or in the year 0202; such values are torn rows and typing slips."""
    if kind in ("time", "date", "epoch"):
        return f"NOT ({v} >= DATE '1990-01-01' AND {v} < DATE '2100-01-01')"
    if kind in ("money", "fen"):
        return f"abs({v}) >= 10000000000"
    if kind in ("int", "number"):
        return f"abs({v}) >= 1000000000000"
    return "false"


def unknown(kind: FieldType, x: str, v: str) -> str | None:
    """SQL for the text of a status or province that no mapping knows; None for other types."""
    if kind not in ("status", "province"):
        return None
    return f"CASE WHEN {v} IS NULL AND {x} IS NOT NULL THEN {_text(x)} END"


def _text(x: str) -> str:
    return f"CASE WHEN {_trim(x)} IN {_list(NULL_TOKENS)} THEN NULL ELSE {_trim(x)} END"


def _id(x: str) -> str:
    """Digits only pass as they are; the rest is unwrapped. Scientific notation has lost digits: no value."""
    bare = f"trim(regexp_replace({_trim(x)}, '^=\"(.*)\"$', '\\1'), {quote(_PADDING + chr(39) + '`')})"
    return (f"CASE WHEN try_cast({x} AS UBIGINT) IS NOT NULL AND strlen({x}) > 0 AND"
            f" NOT regexp_matches({x}, '[^0-9]') THEN {x}"
            f" WHEN {_trim(x)} IN {_list(NULL_TOKENS)} THEN NULL"
            f" WHEN regexp_full_match({bare}, '[+-]?[0-9](\\.[0-9]+[eE]\\+?|[eE]\\+)[0-9]+') THEN NULL"
            f" ELSE nullif(regexp_replace({bare}, '^([0-9]+)\\.0+$', '\\1'), '') END")


def _finite(v: str) -> str:
    return f"CASE WHEN isfinite({v}) THEN {v} END"


def _plain(x: str) -> str:
    """Number text without currency signs and in narrow digits."""
    return f"trim(translate({_trim(x)}, {quote(_WIDE + '¥￥$')}, {quote(_NARROW)}), {quote(_PADDING + '元+')})"


def _scaled(x: str, sql_type: str) -> str:
    """Grouped digits with 万 or 亿; commas only where they group by three."""
    text = _plain(x)
    digits = f"replace(regexp_replace({text}, '[万亿]$', ''), ',', '')"
    # the factor is exact in DECIMAL, so that 2.5万 yuan is 25000.00
    wide = "DOUBLE" if sql_type == "DOUBLE" else "DECIMAL(26,8)"
    scale = f"CASE right({text}, 1) WHEN '万' THEN 10000 WHEN '亿' THEN 100000000 ELSE 1 END"
    return (f"CASE WHEN regexp_full_match({text}, '-?([0-9]+|[0-9]{{1,3}}(,[0-9]{{3}})+|)(\\.[0-9]+|\\.?)[万亿]?')"
            f" THEN try_cast(try_cast({digits} AS {wide}) * {scale} AS {sql_type}) END")


def _whole(x: str) -> str:
    wide = _scaled(x, "DECIMAL(20,4)")
    return f"CASE WHEN {wide} = trunc({wide}) THEN try_cast({wide} AS BIGINT) END"


def _percent(x: str) -> str:
    body = f"regexp_replace({_plain(x)}, '%$', '')"
    return f"CASE WHEN suffix({_plain(x)}, '%') THEN {_scaled(body, 'DOUBLE')} / 100 END"


def _time(x: str, zone: Zone) -> str:
    """Quick: what a cast reads. Slow: Chinese, dotted and compact forms, Excel serials, ranges (their start), offsets."""
    start = _trim(f"regexp_extract({_trim(x)}, '^[^~至]*')")
    plain = f"translate({start}, {quote(_WIDE)}, {quote(_NARROW)})"
    marks = f"translate({plain}, '年月/.时点分日秒T', '----::: ')"
    tidy = f"rtrim(regexp_replace({marks}, ' +', ' ', 'g'), ' :-')"
    serial = (f"TIMESTAMP '1899-12-30' + to_seconds(CAST(round(CAST({plain} AS DOUBLE) * 86400) AS BIGINT))")
    return (
        f"coalesce(CASE WHEN strlen({x}) BETWEEN 8 AND 19 AND NOT suffix({x}, 'Z') AND contains({x}, '-')"
        f" AND NOT contains({x}, '+') THEN try_cast({x} AS TIMESTAMP) END,"
        f" CASE WHEN regexp_full_match({plain}, '[0-9]{{8}}') THEN try_strptime({plain}, '%Y%m%d')"
        f" WHEN regexp_full_match({plain}, '[0-9]{{14}}') THEN try_strptime({plain}, '%Y%m%d%H%M%S')"
        f" WHEN regexp_full_match({plain}, '[0-9]{{12}}') THEN try_strptime({plain}, '%Y%m%d%H%M')"
        f" WHEN regexp_full_match({plain}, '[0-9]{{8}} [0-9:]+') THEN"
        f" try_strptime({plain}, ['%Y%m%d %H:%M:%S', '%Y%m%d %H:%M'])"
        f" WHEN regexp_full_match({plain}, '[0-9]{{5}}(\\.[0-9]+)?') THEN {serial}"
        f" WHEN regexp_full_match({plain}, '[0-9-]+[T ][0-9:.]+(Z|[+-][0-9]{{2}}:?[0-9]{{2}}|[+-][0-9]{{2}})') THEN"
        f" try_cast({plain} AS TIMESTAMPTZ) AT TIME ZONE {quote(zone.name)}"
        f" WHEN regexp_full_match({plain}, '[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}[T ]+[0-9:]+\\.[0-9]+')"
        f" THEN try_cast({plain} AS TIMESTAMP)"
        f" WHEN regexp_full_match({tidy}, '[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}( [0-9]{{1,2}})?')"
        f" THEN try_strptime({tidy}, ['%Y-%m-%d', '%Y-%m-%d %H'])"
        f" WHEN regexp_full_match({tidy}, '[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}} [0-9]{{1,2}}:[0-9]{{1,2}}(:[0-9]{{1,2}})?')"
        f" THEN try_strptime({tidy}, ['%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M']) END)")


def _epoch(x: str, zone: Zone) -> str:
    """Seconds, or milliseconds from 13 digits on; 0 is 'never'."""
    count = f"try_cast({_trim(x)} AS BIGINT)"
    if zone.offset is None:
        seconds = f"(to_timestamp(CASE WHEN {count} > 100000000000 THEN {count} / 1000.0 ELSE {count} END)"
        moment = f"{seconds} AT TIME ZONE {quote(zone.name)})"
    else:
        micros = f"CASE WHEN {count} > 100000000000 THEN {count} * 1000 ELSE {count} * 1000000 END"
        moment = f"make_timestamp({micros} + {zone.offset * 1_000_000})"
    return f"CASE WHEN {count} > 0 AND {count} < 10000000000000 THEN {moment} END"


def _bool(x: str) -> str:
    yes, no = ("是", "true", "1", "yes", "y", "有", "t"), ("否", "false", "0", "no", "n", "f")
    text = f"lower({_trim(x)})"
    return f"CASE WHEN {text} IN {_list(yes)} THEN true WHEN {text} IN {_list(no)} THEN false END"


def _person(x: str) -> str:
    """First 64 bits of SHA-256 over key and text; a text that is such a hash already ('#' and 16 hex) stands for itself.

    Quarantined rows keep the hash instead of the person, so replaying them must not hash it again.
    """
    hashed = f"sha256(getvariable('{PERSON_KEY}') || {_trim(x)})"
    return (f"CASE WHEN {_trim(x)} IN {_list(NULL_TOKENS)} THEN NULL"
            f" WHEN strlen({x}) = 17 AND regexp_full_match({x}, '#[0-9a-f]{{16}}') THEN CAST('0x' || {x}[2:] AS UBIGINT)"
            f" ELSE CAST('0x' || left({hashed}, 16) AS UBIGINT) END")


def person_text(v: str) -> str:
    """SQL for the text that stands for a person in a quarantined row."""
    return f"'#' || printf('%016x', {v})"


def _province(x: str) -> str:
    """Every name begins with its own two characters, whatever stands behind (省, 市, 壮族自治区, a street)."""
    head = f"left(regexp_replace({_trim(x)}, '^中国', ''), 2)"
    short = tuple(full for full in PROVINCES if len(full) == 2)
    rest = f"CASE WHEN {head} IN {_list(short)} THEN {head} END"
    return f"CASE {head} WHEN '内蒙' THEN '内蒙古' WHEN '黑龙' THEN '黑龙江' ELSE {rest} END"


def _status(x: str, statuses: Mapping[str, str]) -> str:
    if not statuses:
        return "CAST(NULL AS VARCHAR)"
    cases = " ".join(f"WHEN {quote(text)} THEN {quote(code)}" for text, code in statuses.items())
    return f"CASE {_trim(x)} {cases} END"
