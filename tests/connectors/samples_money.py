# ruff: noqa: E501 - rows of files stand as they are
"""Orders of the other platforms, and what they settle: a small file of each kind, and the facts it means."""

Sample = tuple[list[list[str]], str, list[tuple]]  # rows of the file; a question; its answer

MONEY: dict[str, Sample] = {
    "taobao_items": (
        [
            ["主订单编号", "子订单编号", "标题", "商家编码", "购买数量", "买家应付货款", "订单状态", "退款状态", "退款金额", "订单创建时间",
             "发货时间", "物流单号", "物流公司"],
            ['="3301"', '="33011"', "连衣裙", "A-1", "1", "1,060.00", "交易成功", "退款成功", "30.00", "2026-10-01 10:00:00",
             "2026-10-02 09:00:00", "No:YT33011", "圆通速递"],
            ['="3301"', '="33012"', "帽子", "B-1", "2", "40.00", "交易成功", "没有申请退款", "无退款申请", "2026-10-01 10:00:00",
             "2026-10-02 09:00:00", " YT33012", "圆通速递"],
            ['="3302"', '="3302"', "袜子", "C-1", "1", "45.00", "等待买家付款", "没有申请退款", "无退款申请", "2026-10-01 11:00:00",
             "-", "", ""],
        ],
        "SELECT l.order_id, l.line_id, l.sku_id, l.quantity, l.paid_amount, l.paid_at, l.status, l.time_estimated, l.is_head,"
        " r.amount, s.shipment_id FROM order_line l LEFT JOIN refund r USING (platform, shop, line_id)"
        " LEFT JOIN shipment s ON s.shipment_id = 'YT' || l.line_id WHERE l.order_id LIKE '330_' ORDER BY 2",
        [
            ("3301", "33011", "A-1", 1, "1060.00", "2026-10-01 10:00:00", "finished", True, True, "30.00", "YT33011"),
            ("3301", "33012", "B-1", 2, "40.00", "2026-10-01 10:00:00", "finished", True, False, None, "YT33012"),
            ("3302", "3302", "C-1", 1, None, None, "unpaid", False, True, None, None),
        ],
    ),
    "taobao_items_old": (
        [
            ["订单编号", "标题", "价格", "购买数量", "外部系统编号", "商品属性", "套餐信息", "备注", "订单状态", "商家编码"],
            ["3311", "连衣裙", "60.00", "1", "A-1", "颜色分类:红", "", "", "交易成功", "A-1"],
            ["3311", "帽子", "20.00", "2", "B-1", "颜色分类:蓝", "", "", "交易成功", "B-1"],
        ],
        "SELECT order_id, product_name, sku_id, quantity, list_amount, paid_amount, created_at, status FROM order_line"
        " WHERE order_id = '3311' ORDER BY 3",
        [
            ("3311", "连衣裙", "A-1", 1, "60.00", None, None, "finished"),
            ("3311", "帽子", "B-1", 2, "40.00", None, None, "finished"),
        ],
    ),
    "taobao_orders_classic": (
        [
            ["订单编号", "买家会员名", "买家支付宝账号", "买家应付货款", "买家应付邮费", "买家支付积分", "总金额", "返点积分", "买家实际支付金额",
             "买家实际支付积分", "订单状态", "买家留言", "收货人姓名", "收货地址", "运送方式", "联系电话", "联系手机", "订单创建时间", "订单付款时间",
             "宝贝标题", "宝贝种类", "物流单号", "物流公司", "订单备注", "宝贝总数量", "店铺Id", "店铺名称", "订单关闭原因", "卖家服务费", "退款金额"],
            ["3321", "云**", "a***@x.cn", "100.00", "10.00", "0", "110.00", "0", "80.00", "0", "交易成功", "", "张三",
             "浙江省 杭州市 西湖区 某路 1 号", "快递", "'", "'13800000000", "2026-10-01 10:00:00", "2026-10-01 10:05:00", "连衣裙,帽子",
             "2", "No:YT3321", "圆通速递", "", "3", "1", "云杉天猫店", "订单未关闭", "0.00元", "30.00"],
            ["3322", "tb2", "", "70.00", "0.00", "0", "70.00", "0", "0.00", "0", "等待买家付款", "", "李四", "上海 上海市 某区", "快递",
             "'", "'13900000000", "2026-10-01 12:00:00", "", "鞋", "1", "", "", "", "1", "1", "云杉天猫店", "", "0.00元", ""],
        ],
        "SELECT l.order_id, l.shop, l.province, l.quantity, l.payable_amount, l.paid_amount, l.freight_amount, l.status,"
        " l.is_whole, l.buyer IS NOT NULL, r.amount, s.carrier FROM order_line l LEFT JOIN refund r USING (platform, shop, line_id)"
        " LEFT JOIN shipment s ON s.shipment_id = 'YT' || l.line_id WHERE l.order_id LIKE '332_' ORDER BY 1",
        [
            ("3321", "云杉天猫店", "浙江", 3, "110.00", "110.00", "10.00", "finished", True, False, "30.00", "圆通速递"),
            ("3322", "云杉天猫店", "上海", 1, "70.00", None, "0.00", "unpaid", True, True, None, None),
        ],
    ),
    "taobao_orders_qianniu": (
        [
            ["订单编号", "支付单号", "支付详情", "买家应付货款", "买家应付邮费", "总金额", "买家实付金额", "订单创建时间", "订单付款时间", "商品标题",
             "退款金额", "是否主动赔付", "主动赔付金额", "主动赔付出账时间", "商品属性SKU", "C2B小额收款", "确认收货打款金额", "含应开票给个人红包",
             "总金额(旧版)"],
            ["3303691179052000067\t", "2026100122001\t", "支付宝\t", "1,003.00\t", "0.00\t", "1,003.00\t", "903.00\t", "2026-10-01 10:00:00\t",
             "2026-10-01 10:00:07\t", "连衣裙\t", "100.00\t", "否\t", "\t", "\t", "红;S\t", "0.00\t", "903.00\t", "0.00\t", "1,003.00\t"],
            ["3303691179052000068\t", "\t", "\t", "103\t", "0.00\t", "103\t", "0\t", "2026-10-01 11:00:00\t", "\t", "帽子\t", "无退款申请\t",
             "否\t", "\t", "\t", "蓝\t", "0.00\t", "\t", "0.00\t", "103\t"],
        ],
        "SELECT l.order_id, l.product_name, l.payable_amount, l.paid_amount, l.paid_at, l.status, r.amount FROM order_line l"
        " LEFT JOIN refund r USING (platform, shop, line_id) WHERE l.order_id LIKE '33036%' ORDER BY 1",
        [
            ("3303691179052000067", "连衣裙", "1003.00", "1003.00", "2026-10-01 10:00:07", "paid", "100.00"),
            ("3303691179052000068", "帽子", "103.00", None, None, "unpaid", None),
        ],
    ),
}  # fmt: skip
