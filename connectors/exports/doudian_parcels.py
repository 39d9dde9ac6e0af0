"""抖店 运单/包裹: one row a parcel and exception; a cell may hold several orders, wrapped in tabs."""

from connectors.exports._words import cases
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Into

_EXCEPTION = cases(
    "exception",
    {
        "lost": ("丢件", "丢失", "遗失", "疑似丢件"),
        "damaged": ("破损", "损坏"),
        "delayed": ("揽收超时", "中转超时", "派送超时", "中转停滞", "延误", "滞留", "虚假发货", "发货超时"),
        "rejected": ("拒收", "用户拒收"),
        "returned": ("退回", "退件", "原路退回"),
    },
    "'other'",
)
_NONE = "('正常', '无异常')"
_ORDERS = "list_filter(regexp_split_to_array(orders, '[,，;；\t\\s`'']+'), lambda one: one <> '')"

KIND = ExportKind(
    id="doudian_parcels",
    zh="抖店 运单/包裹导出",
    en="Doudian parcel export",
    platform="douyin",
    description_zh="抖店后台 → 物流 → 包裹中心导出。一行一个运单的一种异常，同一运单合并；"
    "一个单元格里的多个订单号分别记录。",
    description_en="Parcel export of the Doudian back office. One row an exception of a parcel, merged into the parcel;"
    " several order numbers in a cell are kept one by one.",
    columns=(
        Column("shipment_id", "id", ("运单号", "快递单号", "包裹号"), required=True),
        Column("orders", "text", ("订单编号", "订单号"), required=True),
        Column("picked_at", "time", ("揽件时间", "揽收时间")),
        Column("shipped_at", "time", ("发货时间",)),
        Column("delivered_at", "time", ("签收时间",)),
        Column("exception", "text", ("异常类型", "物流异常类型")),
        Column("exception_at", "time", ("异常时间", "异常发生时间")),
        Column("carrier", "text", ("快递公司", "物流公司", "承运商")),
    ),
    key=("shipment_id", "orders", "picked_at"),
    into=(
        Into(
            "shipment",
            {
                "order_id": f"({_ORDERS})[1]",
                "exception": f"CASE WHEN exception NOT IN {_NONE} THEN {_EXCEPTION} END",
                "exception_at": f"CASE WHEN exception NOT IN {_NONE} THEN"
                " coalesce(exception_at, delivered_at, shipped_at, picked_at) END",
                **same("shipment_id", "carrier", "picked_at", "shipped_at", "delivered_at"),
            },
            keep=("order_id", "exception", "exception_at", "carrier", "picked_at", "shipped_at", "delivered_at"),
        ),
        Into("shipment_order", {"shipment_id": "shipment_id", "order_id": f"unnest({_ORDERS})"}),
    ),
    event_time="greatest(shipped_at, picked_at, delivered_at)",
    totals=TOTALS,
)
