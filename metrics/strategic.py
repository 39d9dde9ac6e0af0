"""Strategic metrics: what the boss asks first. Declarations only; ids and definitions follow INDICATORS.md."""

from __future__ import annotations

from functools import partial

from metrics.declare import Metric

_boss = partial(Metric, layer="strategic", owner="boss")
_finance = partial(Metric, layer="strategic", owner="finance")
_operations = partial(Metric, layer="strategic", owner="operations")

METRICS: tuple[Metric, ...] = (
    _boss(
        "gmv",
        "成交额",
        "GMV",
        unit="yuan",
        direction="up",
        definition_zh="期内付款的订单行,买家实付之和(各项优惠之后,含运费),之后的退款不扣除。",
        definition_en="What buyers paid for lines paid in the period, after discounts, with freight; later "
        "refunds are not taken off.",
    ),
    _operations(
        "orders",
        "支付订单数",
        "Paid orders",
        unit="count",
        direction="up",
        definition_zh="期内有付款行的订单数,去重。",
        definition_en="Distinct orders with a line paid in the period.",
    ),
    _operations(
        "buyers",
        "支付买家数",
        "Buyers",
        unit="count",
        direction="up",
        definition_zh="期内付款的买家数,跨店去重;来源没有买家信息时为空。没有订单时取行为日志中的购买用户。",
        definition_en="Distinct buyers who paid in the period, once across shops; null where the source gives no "
        "buyer. Without orders: users with a buy event of the behaviour log.",
    ),
    _boss(
        "net_sales",
        "净销售额",
        "Net sales",
        unit="yuan",
        direction="up",
        formula="gmv - refund_amount",
        definition_zh="成交额减退款金额,各按自己的时间(付款时间、退款成功时间)计入。",
        definition_en="GMV less refunds, each by its own time (payment, refund success).",
    ),
    _finance(
        "refund_amount",
        "退款金额",
        "Refunds",
        unit="yuan",
        direction="down",
        definition_zh="期内退款成功的金额之和,按退款成功时间;来源没有退款时间的按付款时间估计。",
        definition_en="Amount refunded successfully in the period, by success time; by payment time where the "
        "source has none.",
    ),
    _finance(
        "cogs",
        "商品成本",
        "Cost of goods",
        unit="yuan",
        direction="none",
        formula="sold_cost - coalesce(returned_cost, 0)",
        definition_zh="售出件数减退回件数,乘付款当日有效的单位成本;无任何单位成本时为空。",
        definition_en="Quantity sold less quantity returned, times the unit cost valid on the payment day; null "
        "without any unit cost.",
    ),
    _finance(
        "gross_profit",
        "毛利",
        "Gross profit",
        unit="yuan",
        direction="up",
        formula="net_sales - cogs",
        definition_zh="净销售额减商品成本。",
        definition_en="Net sales less cost of goods.",
    ),
    _finance(
        "gross_margin",
        "毛利率",
        "Gross margin",
        unit="rate",
        direction="up",
        formula="gross_profit / net_sales",
        definition_zh="毛利除以净销售额。",
        definition_en="Gross profit over net sales.",
    ),
    _finance(
        "marketing_ratio",
        "费比",
        "Marketing ratio",
        unit="rate",
        direction="down",
        formula="(ad_spend + creator_commission) / gmv",
        definition_zh="广告消耗与达人佣金之和除以成交额。",
        definition_en="Ad spend plus creator commission over GMV.",
    ),
    _finance(
        "contribution_profit",
        "贡献利润",
        "Contribution profit",
        unit="yuan",
        direction="up",
        formula="gross_profit - platform_fee - creator_commission - ad_spend - logistics_cost",
        definition_zh="毛利减平台扣点、达人佣金、广告消耗和物流成本。",
        definition_en="Gross profit less platform fee, creator commission, ad spend and logistics cost.",
    ),
    _finance(
        "contribution_margin",
        "贡献利润率",
        "Contribution margin",
        unit="rate",
        direction="up",
        formula="contribution_profit / net_sales",
        definition_zh="贡献利润除以净销售额。",
        definition_en="Contribution profit over net sales.",
    ),
    _boss(
        "operating_profit",
        "经营利润",
        "Operating profit",
        unit="yuan",
        direction="up",
        formula="contribution_profit - other_cost",
        definition_zh="贡献利润减其他成本。",
        definition_en="Contribution profit less other cost.",
    ),
    _boss(
        "profit_margin",
        "利润率",
        "Profit margin",
        unit="rate",
        direction="up",
        formula="operating_profit / net_sales",
        definition_zh="经营利润除以净销售额。",
        definition_en="Operating profit over net sales.",
    ),
    _boss(
        "target",
        "目标",
        "Target",
        unit="yuan",
        direction="none",
        definition_zh="成交额的目标;月、季、年目标按平时各星期几的成交占比摊到每一天。",
        definition_en="Target of GMV; month, quarter and year targets are spread over their days by the usual "
        "share of each weekday.",
    ),
    _boss(
        "attainment",
        "达成率",
        "Attainment",
        unit="rate",
        direction="up",
        formula="gmv / target",
        definition_zh="成交额除以目标。",
        definition_en="GMV over its target.",
    ),
    _boss(
        "pace_gap",
        "进度差",
        "Pace gap",
        unit="yuan",
        direction="up",
        formula="gmv - paced_target",
        definition_zh="成交额减去按平时曲线到此刻应完成的目标。",
        definition_en="GMV less the part of the target that is usually reached by this moment.",
    ),
    _finance(
        "turnover_days",
        "库存周转天数",
        "Stock turnover days",
        unit="days",
        direction="down",
        formula="mean_stock_value / (cogs / period_days)",
        definition_zh="期内平均库存金额除以日均商品成本。",
        definition_en="Mean stock value over mean daily cost of goods.",
    ),
)
