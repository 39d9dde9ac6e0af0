"""After-sales, products and SKUs of the world as 抖店's API tells them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from simulator.catalogue import LEAVES
from simulator.doudian_payload import CODES, Payload, unix
from simulator.refunds import EXCHANGE, REASONS, UNSHIPPED


class ServicePayload(Payload):
    """What the platform tells beside orders."""

    def after_sale(self, row: dict[str, Any]) -> dict[str, Any]:
        """One item of afterSale.List."""
        sku = int(row["sku"])
        full = row["refund_kind"] == UNSHIPPED
        state = self.after_sale_state(row)
        done, kind = row["succeeded"] > 0, int(row["refund_kind"])
        amount = int(row["refunded"]) if done else 0 if kind == EXCHANGE else int(row["spent"] - row["freight"])
        post = int(row["freight"]) if done and full and amount else 0
        closed = "拒绝退款" if row["refused"] else "售后待处理"
        text = ("换货成功" if kind == EXCHANGE else "同意退款，退款成功") if done else closed
        return {
            "aftersale_info": {
                "aftersale_id": str(row["refund_id"]),
                "aftersale_order_type": 1,
                "aftersale_type": state["after_sale_type"],
                "aftersale_status": state["after_sale_status"],
                "refund_status": state["refund_status"],
                "refund_type": 1,
                "refund_amount": amount - post,
                "refund_post_amount": post,
                "aftersale_num": int(row["quantity"]),
                "apply_time": unix(row["applied"]),
                "update_time": unix(max(row["applied"], row["succeeded"], row["refused"])),
                "related_id": str(row["line"]),
                "status_deadline": 0,
                "got_pkg": 0 if full else 1,
                "reason_code": int(row["reason"]),
            },
            "order_info": {
                "shop_order_id": str(row["order"]),
                "related_order_info": [
                    {
                        "sku_order_id": str(row["line"]),
                        "order_status": CODES[row["status"]][0],
                        "pay_amount": int(row["payable"]),
                        "item_num": int(row["quantity"]),
                        "post_amount": int(row["freight"]),
                        "product_id": int(self.product_ids[int(self.world.catalogue.sku_product[sku])]),
                        "product_name": self.world.catalogue.product_name[int(self.world.catalogue.sku_product[sku])],
                        "shop_sku_code": self.world.catalogue.sku_code[sku],
                        "create_time": unix(row["created"]),
                    }
                ],
            },
            "text_part": {
                "aftersale_status_text": text,
                "aftersale_type_text": ("退货退款", "已发货仅退款", "未发货仅退款", "换货")[state["after_sale_type"]],
                "reason_text": REASONS[kind][int(row["reason"])],
            },
            "seller_logs": [],
        }

    def products(self) -> list[dict[str, Any]]:
        """Rows of product.listV2, every product the shop carries."""
        catalogue = self.world.catalogue
        carried = sorted({int(catalogue.sku_product[sku]) for sku in self.skus_carried()})
        return [
            {
                "product_id": int(self.product_ids[number]),
                "out_product_id": 0,
                "outer_product_id": "",
                "name": catalogue.product_name[number],
                "img": "",
                "market_price": 0,
                "discount_price": int(catalogue.sku_price[list(catalogue.sku_product).index(number)]) * 100,
                "status": 0,
                "check_status": 3,
                "create_time": 1_709_258_400,
                "update_time": 1_709_258_400,
                "pay_type": 1,
                "spec_id": 0,
                "cos_ratio": 0,
                "product_type": 0,
                "shop_id": self.shop.platform_id,
                "category_detail": {
                    "first_cid": 20_000 + int(catalogue.product_leaf[number]) // 5,
                    "first_cname": LEAVES[int(catalogue.product_leaf[number])].top,
                    "second_cid": 20_100 + int(catalogue.product_leaf[number]),
                    "second_cname": LEAVES[int(catalogue.product_leaf[number])].name,
                },
            }
            for number in carried
        ]

    def skus_carried(self) -> list[int]:
        """Positions of the SKUs the shop carries."""
        return [int(sku) for sku in self.world.catalogue.sold_in(self.shop.number, self.shop.assortment).nonzero()[0]]

    def skus(self, product_id: int, held: pd.DataFrame) -> list[dict[str, Any]]:
        """Bare array of sku.list; `held` is the shop's stock."""
        catalogue, left = self.world.catalogue, dict(zip(held["sku"], held["available"], strict=True))
        return [
            {
                "id": int(self.sku_ids[sku]),
                "product_id": product_id,
                "code": catalogue.sku_code[sku],
                "price": int(catalogue.sku_price[sku]) * 100,
                "stock_num": int(left.get(sku, 0)),
                "sku_type": 0,
                "spec_detail_name1": catalogue.sku_spec[sku],
                "out_sku_id": 0,
            }
            for sku in self.skus_carried()
            if int(self.product_ids[int(catalogue.sku_product[sku])]) == product_id
        ]
