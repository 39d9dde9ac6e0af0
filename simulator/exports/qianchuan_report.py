"""巨量千川 标准推广 report by hour and plan, with a total row on top."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from simulator.exports.common import write_csv
from simulator.shops import PLANS
from simulator.world import World

_DAY = "strftime(make_timestamp(\"at\" * 1000000), '%Y-%m-%d')"
_ROI = "CASE WHEN cost > 0 THEN round(gmv / cost, 2) ELSE 0 END"
COLUMNS = {
    "日期": f"CASE WHEN plan < 0 THEN '总计' ELSE {_DAY} END",
    "小时": "CASE WHEN plan < 0 THEN '-' ELSE hour || ':00' END",
    "计划ID": "CASE WHEN plan < 0 THEN '-' ELSE chr(9) || plan_id END",
    "计划名称": "coalesce(plan_name, '-')",
    "营销目标": "coalesce(goal, '-')",
    "消耗(元)": "yuan_commas(cost)",
    "展示次数": "format('{:,}', exposures)",
    "点击率(%)": "round(100.0 * clicks / greatest(exposures, 1), 2)",
    "点击次数": "format('{:,}', clicks)",
    "转化数": "orders",
    "转化率(%)": "round(100.0 * orders / greatest(clicks, 1), 2)",
    "转化成本(元)": "CASE WHEN orders > 0 THEN yuan(cost // orders) ELSE '-' END",
    "7日总支付ROI": _ROI,
    "直接成交订单数": "orders",
    "直接成交金额(元)": "yuan_commas(gmv)",
    "直接支付ROI": _ROI,
    "直接下单订单数": "orders",
    "直接下单金额(元)": "yuan_commas(gmv)",
    "直接下单ROI": _ROI,
    "7日间接成交金额(元)": "'0.00'",
    "播放数": "exposures",
    "3s播放数": "exposures // 3",
    "播放完成数": "exposures // 12",
}
HEADERS = tuple(COLUMNS)


def write(world: World, shop: int, path: Path, *, since: int = 0) -> int:
    """Hours that ended after second `since`."""
    report = world.ad_report
    report = report[(report["shop"] == shop) & (report["at"] + 3600 > since)]
    numbers = ["cost", "exposures", "clicks", "orders", "gmv"]
    top = pd.DataFrame([{**report[numbers].sum().to_dict(), "plan": -1, "at": 0, "hour": 0}])
    frame = pd.concat([top, report], ignore_index=True)
    frame[numbers] = frame[numbers].astype("int64")
    plans = pd.DataFrame(
        {
            "plan": range(len(PLANS)),
            "plan_id": [str(plan.id) for plan in PLANS],
            "plan_name": [plan.name for plan in PLANS],
            "goal": ["商品卡" if plan.goal == "商品" else plan.goal for plan in PLANS],
        }
    )
    count = write_csv(
        path,
        COLUMNS,
        "frame LEFT JOIN plans USING (plan)",
        {"frame": frame, "plans": plans},
        bom=True,
        order='"at", plan',
    )
    return count - 1  # the total row is none
