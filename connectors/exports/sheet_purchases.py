"""A sheet of orders to suppliers (采购单): ordered, expected, arrived."""

from connectors.exports._words import leaf_of, place_of
from connectors.kinds import TOTALS, Column, ExportKind, same
from warehouse.batch import Check, Into

KIND = ExportKind(
    id="sheet_purchases",
    zh="采购表",
    en="Purchase sheet",
    platform=None,
    description_zh="自制表格或 ERP 导出：一行一个采购单的一个 SKU，"
    "采购单号、SKU编码、采购数量、下单时间、预计到货、实际到货，"
    "可带供应商、仓库、到货数量、平台、店铺。",
    description_en="Your own sheet or an ERP's: one SKU of a purchase order a row, with order, SKU, quantity, ordered,"
    " expected and arrived times; also supplier, warehouse, quantity arrived, platform, shop.",
    columns=(
        Column("purchase_id", "id", ("采购单号", "采购单编号", "采购订单号", "purchase_id"), required=True),
        Column("sku_id", "id", ("SKU编码", "商家编码", "SKU", "sku_id", "货号"), required=True),
        Column("category", "text", ("类目", "商品类目", "category")),
        Column("supplier", "text", ("供应商", "供应商名称", "supplier")),
        Column("warehouse", "text", ("仓库", "入库仓库", "仓库名称", "warehouse")),
        Column("quantity", "int", ("采购数量", "下单数量", "quantity"), required=True),
        Column("arrived_quantity", "int", ("到货数量", "入库数量", "实收数量", "arrived_quantity")),
        Column("ordered_at", "time", ("下单时间", "采购时间", "下单日期", "采购日期", "ordered_at"), required=True),
        Column("expected_at", "time", ("预计到货", "预计到货时间", "预计到货日期", "约定到货日期", "expected_at")),
        Column("arrived_at", "time", ("实际到货", "实际到货时间", "到货时间", "到货日期", "入库时间", "arrived_at")),
        Column("platform_name", "text", ("平台", "platform")),
        Column("shop_name", "text", ("店铺", "店铺名称", "shop")),
    ),
    key=("purchase_id", "sku_id", "quantity", "ordered_at"),
    checks=(
        Check("quantity <= 0", "negative_amount", "quantity"),
        Check("arrived_at < date_trunc('day', ordered_at)", "ends_before_start", "arrived_at"),
    ),
    into=(
        Into(
            "purchase",
            {
                **place_of("platform_name", "shop_name"),
                "category": leaf_of("category"),
                "arrived_quantity": "coalesce(arrived_quantity, CASE WHEN arrived_at IS NOT NULL THEN quantity END)",
                **same("purchase_id", "sku_id", "supplier", "warehouse", "quantity"),
                **same("ordered_at", "expected_at", "arrived_at"),
            },
        ),
    ),
    event_time="greatest(ordered_at, arrived_at)",
    totals=TOTALS,
)
