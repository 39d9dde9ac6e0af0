"""Provinces as a tile grid: every province the same size, the value as depth of colour and as text on hover. A click
filters."""

from __future__ import annotations

from typing import Any

from dash import html

from components import bars, delta, names, states
from components import format as fmt
from components.view import View
from metrics.types import Result

PLACES: dict[str, tuple[str, int, int]] = {  # province: (short sign, row, column)
    "黑龙江": ("黑", 0, 8),
    "新疆": ("新", 1, 0),
    "内蒙古": ("蒙", 1, 6),
    "河北": ("冀", 1, 7),
    "吉林": ("吉", 1, 8),
    "甘肃": ("甘", 2, 3),
    "宁夏": ("宁", 2, 4),
    "山西": ("晋", 2, 5),
    "北京": ("京", 2, 6),
    "天津": ("津", 2, 7),
    "辽宁": ("辽", 2, 8),
    "西藏": ("藏", 3, 1),
    "青海": ("青", 3, 2),
    "陕西": ("陕", 3, 4),
    "河南": ("豫", 3, 5),
    "山东": ("鲁", 3, 7),
    "四川": ("川", 4, 3),
    "重庆": ("渝", 4, 4),
    "湖北": ("鄂", 4, 5),
    "安徽": ("皖", 4, 6),
    "江苏": ("苏", 4, 7),
    "上海": ("沪", 4, 8),
    "云南": ("云", 5, 2),
    "贵州": ("贵", 5, 3),
    "湖南": ("湘", 5, 5),
    "江西": ("赣", 5, 6),
    "浙江": ("浙", 5, 7),
    "广西": ("桂", 6, 4),
    "广东": ("粤", 6, 5),
    "福建": ("闽", 6, 7),
    "台湾": ("台", 6, 8),
    "海南": ("琼", 7, 4),
    "澳门": ("澳", 7, 5),
    "香港": ("港", 7, 6),
}

CODES: dict[str, str] = {  # the short signs for who does not read Chinese, of ISO 3166-2:CN
    "黑": "HL",
    "新": "XJ",
    "蒙": "NM",
    "冀": "HE",
    "吉": "JL",
    "甘": "GS",
    "宁": "NX",
    "晋": "SX",
    "京": "BJ",
    "津": "TJ",
    "辽": "LN",
    "藏": "XZ",
    "青": "QH",
    "陕": "SN",
    "豫": "HA",
    "鲁": "SD",
    "川": "SC",
    "渝": "CQ",
    "鄂": "HB",
    "皖": "AH",
    "苏": "JS",
    "沪": "SH",
    "云": "YN",
    "贵": "GZ",
    "湘": "HN",
    "赣": "JX",
    "浙": "ZJ",
    "桂": "GX",
    "粤": "GD",
    "闽": "FJ",
    "台": "TW",
    "琼": "HI",
    "澳": "MO",
    "港": "HK",
}


def sign_of(province: str, lang: str) -> str:
    """What stands on a province's tile."""
    sign = PLACES[province][0]
    return sign if lang == "zh" else CODES[sign]


def depth(value: float, top: float) -> int:
    """Depth of colour in ten steps over the square root, so that one big province does not whiten the rest."""
    return 0 if value <= 0 or top <= 0 else max(1, min(10, round(10 * (value / top) ** 0.5)))


def province_tiles(view: View, result: Result, metric: str) -> Any:
    """The grid of a result by province; provinces that no source names are told below it."""
    known = {row["province"]: row for row in result.rows if row.get("province") in PLACES}
    if not known:
        return states.nothing(view)
    top = max((row.get(metric) or 0) for row in known.values())
    held = view.filters.get("province", ())
    tiles = [_tile(view, result, metric, name, known.get(name), top, held) for name in PLACES]
    return html.Div([html.Div(tiles, className="tiles"), _scale(view, result, metric, top)], className="tile-box")


def _tile(
    view: View, result: Result, metric: str, name: str, row: dict[str, Any] | None, top: float, held: tuple[str, ...]
) -> html.A:
    _, line, column = PLACES[name]
    value = row.get(metric) if row else None
    shown = fmt.number(value, result.units.get(metric, "count"), view.lang)
    moved = delta.change(view, result, metric, row) if row and result.compare else None
    told = f"{names.value(view, 'province', name)} {shown.exact}" + (f" {moved.text}" if moved else "")
    level = depth(value or 0, top)
    on = " on" if name in held else (" dim" if held else "")
    return html.A(
        sign_of(name, view.lang),
        href=view.toggled("province", name).href(),
        className=f"tile depth-{level}{on}",
        title=told,
        style={"gridRow": line + 1, "gridColumn": column + 1},
        **{"data-nav": "1", "aria-label": told, "data-drill": bars.drill_link(view, metric, "province", name)},
    )


def _scale(view: View, result: Result, metric: str, top: float) -> html.Div:
    unit = result.units.get(metric, "count")
    return html.Div(
        [
            html.Span(fmt.plain(0, unit, view.lang)),
            html.Span(className="ramp"),
            html.Span(fmt.plain(top, unit, view.lang)),
        ],
        className="tile-scale",
        **{"aria-hidden": "true"},
    )
