"""What selling costs beside the goods: platform commission, creators, parcels, wages and rent, by day and shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from simulator import calendar, fulfilment, rng
from simulator.calendar import DAY
from simulator.shops import CHANNELS, CREATORS, SHOPS

if TYPE_CHECKING:
    from simulator.world import World

ITEMS = ("platform_fee", "creator_commission", "logistics", "other")
_COMMISSION = np.array([creator.commission for creator in CREATORS] + [0])


def other_costs(world: World) -> pd.DataFrame:
    """One row a (day, shop, item, channel): amount in fen. `channel` stands only beside creator commissions."""
    lines = world.lines[world.lines["paid"] > 0]
    day, fee = lines["paid"] // DAY, np.array([shop.fee for shop in SHOPS])
    parts = [
        _sum(lines.assign(day=day, amount=lines["spent"] * fee[lines["shop"]] // 100, channel=""), "platform_fee"),
        _sum(
            lines.assign(
                day=day,
                amount=(lines["spent"] - lines["freight"]) * _COMMISSION[lines["creator"]] // 100,
                channel=[CHANNELS[channel] for channel in lines["channel"]],
            ).query("amount > 0"),
            "creator_commission",
        ),
        _sum(_parcels(world), "logistics"),
        _fixed(world),
    ]
    return pd.concat(parts, ignore_index=True)


def _sum(frame: pd.DataFrame, item: str) -> pd.DataFrame:
    return frame.groupby(["day", "shop", "channel"], as_index=False)["amount"].sum().assign(item=item)


def _parcels(world: World) -> pd.DataFrame:
    sent = fulfilment.parcels(world)
    return pd.DataFrame({"day": sent["shipped"] // DAY, "shop": sent["shop"], "channel": "", "amount": sent["cost"]})


def _fixed(world: World) -> pd.DataFrame:
    days = world.days[45:]
    day, shop = np.repeat(days, len(world.shops)), np.tile(world.shops, len(days))
    share = np.array([each.share for each in SHOPS])[shop]
    size = world.scale * share * calendar.growth(day, world.demand.anchor) ** 0.8  # wages lag behind sales
    wages = size * 900 * (0.92 + 0.16 * rng.uniform(rng.keys(world.seed, 72, shop, day), "fixed"))
    return pd.DataFrame(
        {"day": day, "shop": shop, "channel": "", "amount": np.rint(wages).astype(np.int64), "item": "other"}
    )


def unit_costs(world: World) -> pd.DataFrame:
    """One row a SKU: its cost in fen, valid from before the window began."""
    return pd.DataFrame(
        {"sku": world.catalogue.sku_code, "valid_from": int(world.days[0]), "amount": world.catalogue.sku_cost}
    )
