"""支付宝 账务明细: GBK, four banner lines, header in row 5, `#` lines at the end, cells padded with blanks or tabs."""

from connectors.exports._alipay import CHECKS, COLUMNS, INTO
from connectors.kinds import ExportKind

KIND = ExportKind(
    id="alipay_account",
    zh="支付宝 账务明细",
    en="Alipay account statement",
    platform="tmall",
    description_zh="支付宝商家中心 → 对账中心 → 账务明细（CSV，GBK，# 开头的为说明）。"
    "商户订单号去掉 T200P 前缀即淘宝订单号；对方账号不保存。",
    description_en="Account statement of Alipay (CSV, GBK, notes begin with #). The merchant's order number without its"
    " prefix T200P is Taobao's; the counterpart's account is not kept.",
    columns=COLUMNS,
    key=("flow_id", "at", "income", "expense", "business_id", "scene"),
    checks=CHECKS,
    into=INTO,
    event_time='"at"',
)
