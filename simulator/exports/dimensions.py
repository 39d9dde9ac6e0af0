"""The world's names as tables that writers join: SKUs of a shop, creators, cities, plans."""

from __future__ import annotations

import pandas as pd

from simulator import geography
from simulator.catalogue import LEAVES
from simulator.shops import CHANNELS, CREATORS
from simulator.world import World


def skus(world: World, shop: int) -> pd.DataFrame:
    """Every SKU as `shop` numbers it: sku, code, spec, price, cost (fen), product_id, sku_id, name, category, top."""
    catalogue = world.catalogue
    product = catalogue.sku_product
    leaves = [LEAVES[leaf] for leaf in catalogue.sku_leaf]
    return pd.DataFrame(
        {
            "sku": range(len(product)),
            "code": catalogue.sku_code,
            "spec": catalogue.sku_spec,
            "price": catalogue.sku_price * 100,
            "cost": catalogue.sku_cost,
            "product": product,
            "product_id": catalogue.product_id(shop)[product],
            "sku_id": catalogue.sku_id(shop),
            "name": [catalogue.product_name[number] for number in product],
            "category": [leaf.name for leaf in leaves],
            "top": [leaf.top for leaf in leaves],
        }
    )


def cities() -> pd.DataFrame:
    """city (position), name, province short and full."""
    return pd.DataFrame(
        {
            "city": range(len(geography.CITIES)),
            "city_name": geography.CITIES,
            "province_short": [geography.PROVINCES[province] for province in geography.CITY_PROVINCE],
            "province_full": [geography.PROVINCE_FULL[province] for province in geography.CITY_PROVINCE],
        }
    )


def creators() -> pd.DataFrame:
    """creator (position), creator_id, creator_name, commission (percent)."""
    return pd.DataFrame(
        {
            "creator": range(len(CREATORS)),
            "creator_id": [str(creator.id) for creator in CREATORS],
            "creator_name": [creator.name for creator in CREATORS],
            "commission": [creator.commission for creator in CREATORS],
        }
    )


def channels() -> pd.DataFrame:
    """channel (position) and its code."""
    return pd.DataFrame({"channel": range(len(CHANNELS)), "channel_code": CHANNELS})
