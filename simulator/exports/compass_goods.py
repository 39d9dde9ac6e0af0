"""抖音罗盘 商品流量 by day: a row a product that somebody looked at; today up to the last full hour."""

from __future__ import annotations

from pathlib import Path

from simulator.calendar import DAY
from simulator.exports.common import write_csv
from simulator.exports.compass_traffic import held_back_from
from simulator.exports.dimensions import skus
from simulator.product_visits import product_days
from simulator.world import World

COLUMNS = {
    "日期": "strftime(make_timestamp(day * 86400000000), '%Y-%m-%d')",
    "商品ID": "chr(9) || product_id",
    "商品名称": "name",
    "商品类目": "category",
    "商品曝光次数": "exposures",
    "商品点击次数": "clicks",
    "商品访客数": "visitors",
    "商品浏览量": "page_views",
    "商品加购人数": "add_to_cart",
    "商品收藏人数": "favourites",
    "成交人数": "buyers",
    "用户支付金额": "yuan_commas(gmv)",
}


def write(world: World, shop: int, path: Path, *, since: int = 0) -> int:
    """Days that were not over at second `since`; those that began while the source was late wait with its hours."""
    goods = skus(world, shop).drop_duplicates("product")
    seen, late = product_days(world, shop, since // DAY), held_back_from(world, shop)
    tables = {"seen": seen if late is None else seen[seen["day"] * DAY < late], "goods": goods}
    return write_csv(path, COLUMNS, "seen JOIN goods USING (product)", tables, bom=True, order="day, product_id")
