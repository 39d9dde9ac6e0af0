"""抖店 售后单导出: one row an after-sale; full-width commas stand inside its status texts."""

from connectors.kinds import Column, ExportKind, same
from warehouse.batch import Check, Into

_DONE = "coalesce(status = 'success', false)"

KIND = ExportKind(
    id="doudian_aftersales",
    zh="抖店 售后单导出",
    en="Doudian after-sales export",
    platform="douyin",
    description_zh="抖店后台 → 售后 → 售后工作台 → 导出。一行一个售后单；退款金额 = 退商品金额 + 退运费金额。",
    description_en="After-sales export of the Doudian back office. One row an after-sale; refunded = goods + freight.",
    columns=(
        Column("refund_id", "id", ("售后单号", "售后编号"), required=True),
        Column("order_id", "id", ("订单号", "主订单编号", "订单编号"), required=True),
        Column("line_id", "id", ("商品单号", "子订单编号", "子订单号")),
        Column("product_id", "id", ("商品ID",)),
        Column("sku_id", "id", ("商家编码",)),
        Column("quantity", "int", ("售后数量", "退款数量", "商品数量")),
        Column("ship_state", "text", ("商品发货状态", "发货状态")),
        Column("kind", "text", ("售后类型",)),
        Column(
            "goods",
            "money",
            ("退商品金额（元）", "退商品金额", "退款金额（元）", "退款金额", "退款总金额（元）"),
        ),
        Column("freight", "money", ("退运费金额（元）", "退运费金额")),
        Column("status", "status", ("售后状态",)),
        Column("reason", "text", ("售后原因", "退款原因", "申请原因")),
        Column("applied_at", "time", ("售后申请时间", "申请时间"), required=True),
        Column(
            "success_at",
            "time",
            (
                "退款成功时间",
                "退款完成时间",
                "售后完结时间",
                "售后完成时间",
                "售后成功时间",
                "完结时间",
                "退款时间",
            ),
        ),
        Column("method", "text", ("退款方式",)),
    ),
    key=("refund_id", "order_id", "status", "applied_at"),
    statuses={
        "同意退款，退款成功": "success",
        "同意退款,退款成功": "success",
        "退款成功": "success",
        "已全额退款": "success",
        "部分退款成功": "success",
        "售后成功": "success",
        "换货成功": "success",
        "补寄成功": "success",
        "售后完成": "success",
        "售后待处理": "open",
        "待商家处理": "open",
        "待处理": "open",
        "退款中": "open",
        "待退货": "open",
        "待收退货": "open",
        "待买家退货": "open",
        "待商家收货": "open",
        "同意退货，待买家退货": "open",
        "仲裁中": "open",
        "拒绝退款": "refused",
        "商家拒绝": "refused",
        "售后拒绝": "refused",
        "拒绝售后申请": "refused",
        "售后关闭": "closed",
        "已关闭": "closed",
        "买家撤销": "closed",
        "用户取消": "closed",
        "售后取消": "closed",
    },
    checks=(Check("goods < 0 OR freight < 0", "negative_amount", "goods"),),
    into=(
        Into(
            "refund",
            {
                "kind": """CASE WHEN kind LIKE '%换货%' OR kind LIKE '%补寄%' OR kind LIKE '%维修%' THEN 'exchange'
                    WHEN kind LIKE '%退货%' THEN 'return'
                    WHEN kind LIKE '%未发货%' OR kind LIKE '%发货前%' OR kind LIKE '%售前%' THEN 'refund_unshipped'
                    WHEN kind LIKE '%仅退款%' AND ship_state LIKE '%未发货%' THEN 'refund_unshipped'
                    WHEN kind LIKE '%仅退款%' THEN 'refund_shipped' ELSE 'other' END""",
                "amount": "CASE WHEN goods IS NOT NULL OR freight IS NOT NULL"
                " THEN coalesce(goods, 0) + coalesce(freight, 0) END",
                "goods_returned": f"kind LIKE '%退货%' AND {_DONE}",
                "before_ship": "CASE WHEN ship_state IS NOT NULL OR kind IS NOT NULL THEN"
                " coalesce(ship_state LIKE '%未发货%', false) OR coalesce(kind LIKE '%未发货%', false) END",
                "success_at": f"CASE WHEN {_DONE} THEN success_at END",
                **same("refund_id", "order_id", "line_id", "product_id", "sku_id"),
                **same("status", "reason", "quantity", "applied_at"),
            },
            keep=("line_id", "reason", "quantity"),
        ),
    ),
    without={"success_at": {"refund": {"success_at": f"CASE WHEN {_DONE} THEN applied_at END", "estimated": _DONE}}},
    event_time="coalesce(success_at, applied_at)",
    epoch_in_name=True,
)
