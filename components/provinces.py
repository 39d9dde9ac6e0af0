"""Where each province stands on the tile map, and its one-character short name (as on number plates)."""

from __future__ import annotations

_ROWS = (
    "        黑",
    "    蒙   吉",
    "新 甘宁晋冀京津辽",
    "藏 青陕豫鲁",
    "  川渝鄂皖苏沪",
    "  云贵湘赣浙",
    "   桂粤闽 台",
    "   琼澳港",
)
SHORT = {
    "北京": "京", "天津": "津", "河北": "冀", "山西": "晋", "内蒙古": "蒙", "辽宁": "辽", "吉林": "吉", "黑龙江": "黑", "上海": "沪",
    "江苏": "苏", "浙江": "浙", "安徽": "皖", "福建": "闽", "江西": "赣", "山东": "鲁", "河南": "豫", "湖北": "鄂", "湖南": "湘",
    "广东": "粤", "广西": "桂", "海南": "琼", "重庆": "渝", "四川": "川", "贵州": "贵", "云南": "云", "西藏": "藏", "陕西": "陕",
    "甘肃": "甘", "青海": "青", "宁夏": "宁", "新疆": "新", "台湾": "台", "香港": "港", "澳门": "澳",
}  # fmt: skip
_PLACE = {short: (x, y) for y, row in enumerate(_ROWS) for x, short in enumerate(row) if short != " "}
TILES: dict[str, tuple[int, int]] = {name: _PLACE[short] for name, short in SHORT.items()}
"""Standard short name of the province → (column, row), from the top left."""
