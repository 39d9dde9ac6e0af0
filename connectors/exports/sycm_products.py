"""生意参谋 商品: one row a day and product, in an old Excel file (named .xls or .csv) whose header stands in row 5.

Visitors of products do not add up to the shop's: rows carry the product, and the engine refuses the sum.
"""

from connectors.exports._ads import ENDS
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

KIND = ExportKind(
    id="sycm_products",
    zh="生意参谋 商品",
    en="Sycm products",
    platform="tmall",
    description_zh="生意参谋 → 品类 → 商品排行 → 按日下载。表头在第 5 行；错位的行进隔离区。"
    "周、月文件不是一天的数，请按日下载。",
    description_en="Products of 生意参谋, by day; the header stands in row 5. Shifted rows go to quarantine."
    " Weeks and months are no days: download by day.",
    columns=(
        Column("day", "time", ("统计日期", "日期"), required=True),
        Column("day_text", "text", ("统计日期(原文)",)),
        Column("product_id", "id", ("商品ID", "商品id"), required=True),
        Column("product_name", "text", ("商品名称", "商品标题")),
        Column("visitors", "int", ("商品访客数",)),
        Column("page_views", "int", ("商品浏览量",)),
        Column("stay", "number", ("平均停留时长",)),
        Column("add_to_cart", "int", ("商品加购人数",)),
        Column("cart_items", "int", ("商品加购件数",)),
        Column("favourites", "int", ("商品收藏人数",)),
        Column("order_rate", "rate", ("下单转化率",)),
        Column("buyers", "int", ("支付买家数",)),
        Column("items", "int", ("支付件数",)),
        Column("gmv", "money", ("支付金额",)),
        Column("pay_rate", "rate", ("支付转化率", "商品支付转化率")),
        Column("spend_per_buyer", "money", ("客单价",)),
        Column("visitor_value", "money", ("访客平均价值",)),
        Column("refunds", "money", ("成功退款金额", "成功退货退款金额", "成功退款退货金额")),
    ),
    key=("day", "product_id", "visitors|page_views", "stay|cart_items|items|visitor_value|refunds|order_rate"),
    copies={"day_text": "day"},
    checks=(
        Check("regexp_full_match(product_id, '[0-9]+') IS NOT true", "bad_id", "product_id"),
        Check(f"{ENDS} > day", "not_one_day", "day"),
    ),
    into=(
        Into(
            "traffic",
            {
                "at": "date_trunc('day', day)",
                "span": "'day'",
                **same("product_id", "visitors", "page_views", "add_to_cart", "favourites", "buyers", "gmv"),
            },
        ),
    ),
    event_time="day",
    totals=TOTALS,
    epoch_in_name=True,
)
