"""抖店 库存导出: what lies where, as it stood when the file was made."""

from connectors.exports._words import leaf_of
from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Into

KIND = ExportKind(
    id="doudian_stock",
    zh="抖店 库存导出",
    en="Doudian stock export",
    platform="douyin",
    description_zh="抖店后台 → 商品 → 库存管理 → 导出。一行一个 SKU 和仓库；没有快照时间的文件以导出时间为准。",
    description_en="Stock export of the Doudian back office. One row a SKU and warehouse, as of the export.",
    columns=(
        Column(
            "sku_id",
            "id",
            ("商家编码", "SKU编码", "商家SKU编码", "规格编码", "货号", "SKU ID"),
            required=True,
        ),
        Column("product_id", "id", ("商品ID", "商品编号")),
        Column("product_name", "text", ("商品名称", "商品标题")),
        Column("category", "text", ("商品类目", "类目", "商品分类")),
        Column("warehouse", "text", ("仓库名称", "仓库", "仓库ID")),
        Column("on_hand", "int", ("在库库存", "库存", "总库存", "现货库存", "库存数量", "在库数量", "实物库存")),
        Column("reserved", "int", ("占用库存", "预占库存", "锁定库存", "预占数量")),
        Column("available", "int", ("可售库存", "可用库存", "可售数量")),
        Column("unit_cost", "money", ("单位成本", "成本价", "成本")),
        Column("status", "text", ("状态", "商品状态", "上架状态", "在售状态", "是否在售")),
        Column("snapshot_at", "time", ("快照时间", "统计时间", "更新时间", "库存时间", "导出时间")),
    ),
    key=("sku_id", "on_hand|available", "warehouse|reserved|available|snapshot_at"),
    into=(
        Into(
            "stock",
            {
                "snapshot_at": "coalesce(snapshot_at, observed_at)",
                "on_hand": "coalesce(on_hand, available + coalesce(reserved, 0))",
                "available": "coalesce(available, on_hand - coalesce(reserved, 0))",
                "active": "CASE WHEN status IS NOT NULL THEN"
                " status IN ('在售', '上架', '在售中', '已上架', '销售中', '是', '在线', '售卖中') END",
                "category": leaf_of("category"),
                **same("sku_id", "product_id", "product_name", "warehouse", "reserved", "unit_cost"),
            },
        ),
    ),
    event_time="snapshot_at",
    epoch_in_name=True,
)
