"""抖店 商品 and 库存 exports: what a shop sells, and what of it is in the warehouse."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd

from simulator.exports.common import write_csv
from simulator.exports.dimensions import skus
from simulator.world import World

PRODUCT_COLUMNS = {
    "商品ID": "chr(9) || product_id",
    "商品名称": "name",
    "商品类目": "top || '>' || category",
    "商家编码": "chr(9) || code",
    "规格名称": "spec",
    "价格": "yuan(price)",
    "库存": "available",
    "状态": "'在售'",
    "创建时间": "'2024-03-01 10:00:00'",
}
STOCK_COLUMNS = {
    "商品ID": "chr(9) || product_id",
    "商品名称": "name",
    "商品类目": "top || '>' || category",
    "商家编码": "chr(9) || code",
    "仓库名称": "'华东一号仓'",
    "在库库存": "on_hand",
    "占用库存": "reserved",
    "可售库存": "available",
    "成本价": "yuan(cost)",
    "状态": "'在售'",
    "快照时间": '"taken"',
}


def write_products(world: World, shop: int, path: Path) -> int:
    """Every SKU that the shop carries."""
    held = world.stock_at(shop, world.end)
    return write_csv(
        path,
        PRODUCT_COLUMNS,
        "held JOIN skus USING (sku)",
        {"held": held, "skus": skus(world, shop)},
        bom=True,
        order="code",
    )


def write_stock(world: World, shop: int, path: Path, moments: list[datetime]) -> int:
    """Stock of a shop at each of these moments."""
    held = pd.concat(
        [world.stock_at(shop, moment).assign(taken=f"{moment:%Y-%m-%d %H:%M:%S}") for moment in moments],
        ignore_index=True,
    )
    return write_csv(
        path,
        STOCK_COLUMNS,
        "held JOIN skus USING (sku)",
        {"held": held, "skus": skus(world, shop)},
        bom=True,
        order='"taken", code',
    )
