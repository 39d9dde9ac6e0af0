"""Taobao's old ExportItemList: one row an item of an order, without sub-order numbers and without any time.

An item is named by its order, title, code and properties. When it was sold, the order report of the same orders says;
until that is loaded the items wait with no time.
"""

from connectors.exports._taobao import STATUSES
from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Check, Into

_LINE = "order_id || '-' || left(md5(concat_ws('|', sku_id, product_name, properties, bundle)), 10)"
_LIST = "price * quantity"

KIND = ExportKind(
    id="taobao_items_old",
    zh="淘宝 ExportItemList 宝贝报表（旧版）",
    en="Taobao ExportItemList (old)",
    platform="tmall",
    description_zh="千牛旧版宝贝报表 ExportItemList*.csv，GB2312。没有子订单号和时间："
    "付款时间与金额取自同一订单的订单报表，两者都要载入；不要与新版宝贝报表载入同一批订单。",
    description_en="The old ExportItemList*.csv of Qianniu, in GB2312. It has neither sub-order numbers nor times: load"
    " the order report of the same orders too. Do not load the new item report for the same orders.",
    columns=(
        Column("order_id", "id", ("订单编号",), required=True),
        Column("product_name", "text", ("标题", "宝贝标题"), required=True),
        Column("price", "money", ("价格",), required=True),
        Column("quantity", "int", ("购买数量",), required=True),
        Column("sku_id", "id", ("外部系统编号", "商家编码")),
        Column("properties", "text", ("商品属性",)),
        Column("bundle", "text", ("套餐信息",)),
        Column("status", "status", ("订单状态",)),
    ),
    key=("order_id", "product_name", "price", "quantity", "properties|bundle"),
    statuses=STATUSES,
    checks=(
        Check("price < 0", "negative_amount", "price"),
        Check("quantity < 0", "negative_amount", "quantity"),
    ),
    into=(
        Into(
            "order_line",
            {
                "line_id": _LINE,
                "list_amount": _LIST,
                "goods_amount": _LIST,
                "payable_amount": _LIST,
                **same("order_id", "product_name", "sku_id", "quantity", "status"),
            },
            keep=("sku_id",),
        ),
    ),
)
