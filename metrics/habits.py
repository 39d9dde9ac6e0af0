"""What is usual of prices and of refunds, learnt from the rows of past days within one block."""

from __future__ import annotations

import numpy as np

from metrics.leaf_days import Block
from metrics.scan import KNOWN, Numbers

AGES = 40  # days after an order in which refunds are waited for


def mix(block: Block, order: np.ndarray, count: str, per: str) -> Numbers:
    """What a piece of each SKU counts among the pieces of its product, by their usual prices: a product of which the
    dear SKU sells more has no other price. 1 where nobody knows."""
    price = prices(block, order, count, per)
    whole = prices(block, order, count, per, "product")
    product = np.zeros(len(price), np.int64)
    product[block.codes["sku"]] = block.codes["product"]
    known = (price > 0) & (whole[product] > 0)
    return np.where(known, price / np.where(known, whole[product], 1.0), 1.0)


def _medians(codes: np.ndarray, top: Numbers, bottom: Numbers, size: int) -> Numbers:
    """The median of top over bottom per code; 0 where fewer than KNOWN rows say it."""
    some = bottom > 0
    codes, price = codes[some], top[some] / bottom[some]
    order = np.lexsort((price, codes))
    codes, price = codes[order], price[order]
    first, end = np.searchsorted(codes, np.arange(size)), np.searchsorted(codes, np.arange(size), side="right")
    found = np.zeros(size)
    known = end - first >= KNOWN
    found[known] = price[(first[known] + end[known]) // 2]
    return found


def prices(block: Block, order: np.ndarray, count: str, per: str, of: str = "sku") -> Numbers:
    """What a piece of each SKU (or product) usually costs, in the history; 0 where nobody knows."""
    codes, past = block.codes[of], order[block.day] > 0
    size = int(codes.max(initial=0)) + 1
    return _medians(codes[past], block.columns[count][past], block.columns[per][past], size)


def hazards(block: Block, order: np.ndarray, upto: int) -> Numbers:
    """Refunds per line and day up to an hour of the day, by days since the order, over the history: at night come
    back mostly those of orders that are hours old."""
    past = order[block.day] > 0
    refunds = past & (block.columns["refunds"] > 0) & (block.hour < upto)
    ages = np.clip(block.columns["age"][refunds], 0, AGES - 1).astype(int)
    asked = np.bincount(ages, minlength=AGES)
    sold = np.bincount(block.day, block.columns["sold"], len(order))
    days = np.unique(block.day[past])
    found = np.zeros(AGES)
    for age in range(AGES):
        at = days[days >= age] - age
        behind = sold[at].sum()
        found[age] = asked[age] / behind if behind else 0.0
    return found
