"""抖店 商品导出: one row a SKU, or a product where the export has no SKU code. Its headers differ between accounts."""

from connectors.exports._words import leaf_of
from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Into

KIND = ExportKind(
    id="doudian_products",
    zh="抖店 商品导出",
    en="Doudian product export",
    platform="douyin",
    description_zh="抖店后台 → 商品 → 商品管理 → 导出。一行一个 SKU（没有商家编码时一行一个商品）。",
    description_en="Product export of the Doudian back office. One row a SKU, or a product where there is no SKU code.",
    columns=(
        Column("product_id", "id", ("商品ID", "商品编号", "商品id"), required=True),
        Column("name", "text", ("商品名称", "商品标题", "标题")),
        Column("category_path", "text", ("商品类目", "类目", "商品分类", "后台类目")),
        Column("sku_id", "id", ("商家编码", "SKU编码", "商家SKU编码", "规格编码", "货号")),
        Column("sku_name", "text", ("规格名称", "商品规格", "SKU名称", "规格")),
        Column("price", "money", ("价格", "售卖价", "商品价格", "价格(元)", "售价", "单价")),
        Column("status", "text", ("状态", "商品状态", "上架状态")),
        Column("listed_at", "time", ("创建时间", "上架时间", "商品创建时间")),
    ),
    key=("product_id", "name", "category_path", "price|status|listed_at"),
    into=(
        Into(
            "product",
            {
                "category": leaf_of("category_path"),
                **same(
                    "product_id",
                    "sku_id",
                    "name",
                    "sku_name",
                    "category_path",
                    "price",
                    "status",
                    "listed_at",
                ),
            },
            keep=("name", "sku_name", "category", "category_path", "price", "listed_at"),
        ),
    ),
    epoch_in_name=True,
)
