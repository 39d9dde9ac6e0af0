"""支付宝 账务组合查询: an XLSX of several sheets; the first has banners and header, the last row of all is a footer."""

from connectors.exports._alipay import CHECKS, COLUMNS, INTO
from connectors.kinds import Column, ExportKind

KIND = ExportKind(
    id="alipay_combined",
    zh="支付宝 账务组合查询",
    en="Alipay combined account query",
    platform="tmall",
    description_zh="支付宝商家中心 → 账务组合查询（XLSX，多个工作表，只有第一个有表头）。"
    "与账务明细同一流水号，可以一起载入。",
    description_en="Combined account query of Alipay (XLSX, several sheets, a header in the first only). Its flow"
    " numbers are those of the account statement, so both may be loaded.",
    columns=(*COLUMNS, Column("service_fee", "money", ("服务费（元）",)), Column("contract", "text", ("签约产品",))),
    key=("flow_id", "at", "income", "expense", "service_fee|contract|business_id"),
    checks=CHECKS,
    into=INTO,
    event_time='"at"',
    totals_lack=("flow_id", "income", "expense"),
    continues=True,
)
