"""A sheet of parcels: what left which warehouse with which carrier, when it arrived, and what went wrong."""

from connectors.exports._words import cases, leaf_of, place_of
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

_EXCEPTIONS = {
    "lost": ("lost", "丢件", "丢失", "遗失", "包裹丢失"),
    "damaged": ("damaged", "破损", "包裹破损", "损坏"),
    "delayed": ("delayed", "延误", "超时", "滞留", "派送延误", "揽收超时", "中转延误", "派送超时"),
    "rejected": ("rejected", "拒收", "客户拒收"),
    "returned": ("returned", "退回", "退件", "原路退回"),
}
_NONE = ("正常", "无", "无异常", "none", "ok", "否")
_OF = cases("exception", _EXCEPTIONS, "'other'")
_KIND = f"CASE WHEN lower(exception) NOT IN {_NONE} THEN {_OF} END"
_WHEN = f"CASE WHEN ({_KIND}) IS NOT NULL THEN coalesce(exception_at, delivered_at, shipped_at) END"

KIND = ExportKind(
    id="sheet_shipments",
    zh="包裹表",
    en="Shipment sheet",
    platform=None,
    description_zh="自制表格或 ERP 导出：一行一个包裹，"
    "快递单号、订单编号、仓库、快递公司、拣货/发货/签收时间、异常、运费，可带"
    "平台、店铺、省、市。没有写明的商品与地区取自订单。",
    description_en="Your own sheet or an ERP's: one parcel a row, with waybill, order, warehouse, carrier, picked,"
    " shipped and delivered times, exception, cost; also platform, shop, province, city."
    " Goods and place not told are taken from the order.",
    columns=(
        Column("shipment_id", "id", ("快递单号", "运单号", "物流单号", "包裹号", "shipment_id"), required=True),
        Column("order_id", "id", ("订单编号", "订单号", "主订单编号", "order_id")),
        Column("sku_id", "id", ("SKU编码", "商家编码", "SKU", "sku_id")),
        Column("category", "text", ("类目", "商品类目", "category")),
        Column("warehouse", "text", ("仓库", "发货仓库", "仓库名称", "warehouse")),
        Column("carrier", "text", ("快递公司", "物流公司", "承运商", "carrier")),
        Column("province", "province", ("省", "省份", "收货省份", "province")),
        Column("city", "text", ("市", "城市", "收货城市", "city")),
        Column("picked_at", "time", ("拣货时间", "揽收时间", "picked_at")),
        Column("shipped_at", "time", ("发货时间", "出库时间", "shipped_at"), required=True),
        Column("delivered_at", "time", ("签收时间", "妥投时间", "delivered_at")),
        Column("exception", "text", ("异常类型", "物流异常", "异常", "exception")),
        Column("exception_at", "time", ("异常时间", "exception_at")),
        Column("cost", "money", ("运费成本", "快递费", "物流费用", "运费", "cost")),
        Column("platform_name", "text", ("平台", "platform")),
        Column("shop_name", "text", ("店铺", "店铺名称", "shop")),
    ),
    key=("shipment_id", "shipped_at", "carrier|warehouse|delivered_at"),
    checks=(
        Check("delivered_at < shipped_at", "ends_before_start", "delivered_at"),
        Check("cost < 0", "negative_amount", "cost"),
    ),
    into=(
        Into(
            "shipment",
            {
                **place_of("platform_name", "shop_name"),
                "category": leaf_of("category"),
                "exception": _KIND,
                "exception_at": _WHEN,
                **same("shipment_id", "order_id", "sku_id", "warehouse", "carrier", "province", "city"),
                **same("picked_at", "shipped_at", "delivered_at", "cost"),
            },
        ),
    ),
    event_time="greatest(shipped_at, delivered_at, exception_at)",
    totals=TOTALS,
)
