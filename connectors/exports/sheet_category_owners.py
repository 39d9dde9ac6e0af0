"""Who answers for which category, as a sheet."""

from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Into

KIND = ExportKind(
    id="sheet_category_owners",
    zh="类目负责人表",
    en="Category owner sheet",
    platform=None,
    description_zh="自制表格：类目、负责人。",
    description_en="Your own sheet: category, owner.",
    columns=(
        Column("category", "text", ("类目", "商品类目", "品类", "category"), required=True),
        Column("owner", "text", ("负责人", "类目负责人", "运营", "owner"), required=True),
    ),
    key=("category", "owner"),
    into=(Into("category_owner", same("category", "owner")),),
)
