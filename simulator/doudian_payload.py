"""Orders, after-sales and products of the world as 抖店's API tells them: fen, Unix seconds, 19-digit numbers."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, cast

import pandas as pd

from simulator import geography
from simulator.catalogue import LEAVES
from simulator.live import room_id
from simulator.refunds import EXCHANGE, RETURN, UNSHIPPED
from simulator.shops import AD, CHANNELS, CREATORS, LIVE, PLANS, SHOPS, VIDEO
from simulator.world import World

ZONE = 8 * 3600  # Asia/Shanghai
CODES = {
    "unpaid": (1, 1, "待支付"),
    "paid": (2, 2, "待发货"),
    "part_shipped": (101, 101, "部分发货"),
    "shipped": (3, 3, "已发货"),
    "finished": (5, 5, "已完成"),
    "closed": (4, 4, "已关闭"),
}
_PROMOTIONS = (
    "promotion_platform_amount",
    "promotion_talent_amount",
    "promotion_redpack_amount",
    "promotion_redpack_platform_amount",
    "promotion_redpack_talent_amount",
    "platform_cost_amount",
    "only_platform_cost_amount",
    "author_cost_amount",
    "modify_amount",
    "modify_post_amount",
    "post_insurance_amount",
    "tax_amount",
    "packing_amount",
)
_ENTRANCE = {LIVE: "直播间", VIDEO: "短视频", 2: "商品卡", 3: "搜索", AD: "千川广告", 5: "其他"}


def unix(second: int) -> int:
    """Wall clock to Unix seconds; never stays 0."""
    return int(second) - ZONE if second else 0


def _token(text: str) -> str:
    return base64.b64encode(hashlib.md5(text.encode()).digest()).decode()


def envelope(what: str, buyer: int) -> str:
    """The platform's cipher envelope of a buyer's 'tel', 'name' or 'addr'; the same as in the export files."""
    mark, version = ("$$", "$1$$") if what == "tel" else ("##", "#1##")
    return f"{mark}{_token(f'{what}:{buyer}')}*{_token(f'{what}/{buyer}')}{version}"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries of plain Python values."""
    return cast("list[dict[str, Any]]", frame.to_dict("records"))


def _whole(states: list[str]) -> str:
    """What an order's lines, none of them closed, say of the whole."""
    sent = [state for state in states if state in ("part_shipped", "shipped", "finished")]
    if "part_shipped" in states or 0 < len(sent) < len(states):
        return "part_shipped"
    return min(states, key=list(CODES).index)


class Payload:
    """Builds the platform's objects from lines of `world` as they stand at one moment."""

    def __init__(self, world: World, shop: int) -> None:
        self.world, self.shop = world, SHOPS[shop]
        catalogue = world.catalogue
        self.product_ids, self.sku_ids = catalogue.product_id(shop), catalogue.sku_id(shop)

    def order(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """One shop order from its lines, in order."""
        head = rows[0]
        live = [row for row in rows if row["status"] != "closed"] or rows
        code, main, text = CODES[_whole([row["status"] for row in live])]
        if code == 4 and head["paid"]:
            main = 21 if all(row["refund_kind"] == UNSHIPPED for row in rows) else 39
        paid = head["paid"] > 0
        return {
            "order_id": str(head["order"]),
            "shop_id": self.shop.platform_id,
            "shop_name": self.shop.name,
            "open_id": "",
            "doudian_open_id": f"1@#{_token('open:' + str(head['buyer']))}",
            "order_level": 2,
            "biz": 2,
            "biz_desc": "小店自卖",
            "order_type": 0,
            "order_type_desc": "普通订单",
            "trade_type": 1 if head["presale"] else 0,
            "trade_type_desc": "预售" if head["presale"] else "普通",
            "b_type": 2,
            "b_type_desc": "抖音",
            "sub_b_type": 0,
            "sub_b_type_desc": "",
            "app_id": 1128,
            "order_status": code,
            "order_status_desc": text,
            "main_status": main,
            "main_status_desc": text,
            "cancel_reason": "超时未支付" if code == 4 and not paid else "",
            "buyer_words": "",
            "seller_words": "",
            "seller_remark_stars": 0,
            **self._times(live[0]),
            "update_time": unix(max(row["updated"] for row in rows)),
            "order_expire_time": 1800,
            "pay_type": (1, 2, 7)[head["order"] // 10 % 3] if paid else 0,
            "channel_payment_no": "",
            **self._amounts(
                sum(row["payable"] for row in rows),
                sum(row["freight"] for row in rows),
                sum(row["list_amount"] + row["freight"] - row["payable"] for row in rows),
                sum(row["pay_discount"] for row in rows),
            ),
            "actual_receive_amount_info": {"actual_receive_amount": sum(row["payable"] for row in rows) if paid else 0},
            **self._receiver(head),
            "logistics_info": self._parcels(rows),
            "sku_order_list": [self.line(row) for row in rows],
            "order_phase_list": self._phases(head, rows),
            "serial_number_list": [],
        }

    @staticmethod
    def _times(row: dict[str, Any]) -> dict[str, int]:
        return {
            "create_time": unix(row["created"]),
            "pay_time": unix(row["paid"]),
            "ship_time": unix(row["shipped"]),
            "finish_time": unix(row["finished"]),
            "exp_ship_time": unix(row["promised"]),
        }

    @staticmethod
    def _amounts(payable: int, freight: int, off: int, pay_off: int) -> dict[str, int]:
        return {
            "order_amount": int(payable),
            "pay_amount": int(payable),
            "post_amount": int(freight),
            "post_origin_amount": int(freight),
            "post_promotion_amount": 0,
            "promotion_amount": int(off),
            "promotion_shop_amount": int(off),
            "shop_cost_amount": int(off),
            "promotion_pay_amount": int(pay_off),
            "total_promotion_amount": int(off),
            **dict.fromkeys(_PROMOTIONS, 0),
        }

    def _receiver(self, row: dict[str, Any]) -> dict[str, Any]:
        buyer, city = int(row["buyer"]), int(row["city"])
        address = {
            "province": {"name": geography.PROVINCE_FULL[int(row["province"])], "id": str(11 + int(row["province"]))},
            "city": {"name": geography.CITIES[city], "id": str(1100 + city)},
            "town": {"name": geography.DISTRICTS[buyer % 8], "id": str(110_000 + buyer % 8)},
            "street": {"name": geography.STREETS[buyer % 6], "id": str(110_100_000 + buyer % 6)},
            "detail": "",
        }
        return {
            "post_addr": {**address, "encrypt_detail": envelope("addr", buyer)},
            "post_tel": "",
            "post_receiver": "",
            "encrypt_post_tel": envelope("tel", buyer),
            "encrypt_post_receiver": envelope("name", buyer),
            "mask_post_receiver": "云*",
            "mask_post_tel": f"13*******{buyer % 100:02d}",
            "mask_post_addr": {**address, "detail": "*****"},
        }

    def line(self, row: dict[str, Any]) -> dict[str, Any]:
        """One sku order."""
        sku, catalogue = int(row["sku"]), self.world.catalogue
        product = int(catalogue.sku_product[sku])
        code, main, text = CODES[row["status"]]
        leaf = LEAVES[int(catalogue.sku_leaf[sku])]
        return {
            "order_id": str(row["line"]),
            "parent_order_id": str(row["order"]),
            "order_level": 3,
            "order_status": code,
            "order_status_desc": text,
            "main_status": main,
            "main_status_desc": text,
            **self._times(row),
            "update_time": unix(row["updated"]),
            "product_id": int(self.product_ids[product]),
            "product_id_str": str(self.product_ids[product]),
            "sku_id": int(self.sku_ids[sku]),
            "out_sku_id": 0,
            "out_product_id": 0,
            "code": catalogue.sku_code[sku],
            "product_name": catalogue.product_name[product],
            "product_pic": "",
            "spec": [{"name": "规格", "value": catalogue.sku_spec[sku]}],
            "item_num": int(row["quantity"]),
            "origin_amount": int(row["price"]),
            "goods_price": int(row["price"]),
            "sum_amount": int(row["list_amount"]),
            **self._amounts(
                row["payable"],
                row["freight"],
                row["list_amount"] + row["freight"] - row["payable"],
                row["pay_discount"],
            ),
            **self._origin(row),
            "first_cid": 20_000 + int(catalogue.sku_leaf[sku]) // 5,
            "second_cid": 20_100 + int(catalogue.sku_leaf[sku]),
            "third_cid": 0,
            "fourth_cid": 0,
            "goods_type": 0,
            "pre_sale_type": 1 if row["presale"] else 0,
            "reduce_stock_type": 1,
            "is_comment": 0,
            "given_product_type": "FREE" if row["gift"] else "MASTER",
            "receive_type": 1,
            "confirm_receipt_time": unix(row["finished"]),
            "logistics_receipt_time": 0,
            "inventory_list": [],
            "category_name": leaf.name,
            "after_sale_info": self.after_sale_state(row),
        }

    def _origin(self, row: dict[str, Any]) -> dict[str, Any]:
        channel, creator = int(row["channel"]), int(row["creator"])
        room = int(room_id(row["session"])) if row["session"] >= 0 else 0
        mark = "compass_source_ad_mark" if channel == AD else "compass_source_not_ad_mark"
        extra = json.dumps({"compass_first_level_entrance_text": _ENTRANCE[channel]}, ensure_ascii=False)
        return {
            "author_id": CREATORS[creator].id if creator >= 0 else 0,
            "author_name": CREATORS[creator].name if creator >= 0 else "",
            "room_id": room,
            "room_id_str": str(room),
            "video_id": "",
            "content_id": "0",
            "origin_id": 0,
            "cid": PLANS[int(row["plan"])].id if row["plan"] >= 0 else 0,
            "page_id": 0,
            "c_biz": 2 if creator >= 5 else 8,
            "c_biz_desc": "精选联盟" if creator >= 5 else "小店自卖",
            "send_pay": 4,
            "send_pay_desc": "自主经营",
            "theme_type": "1" if channel == LIVE else "0",
            "theme_type_desc": "直播间" if channel == LIVE else "其他",
            "ad_env_type": {"live": "live", "video": "video", "ad": "video"}.get(CHANNELS[channel], ""),
            "sku_order_tag_ui": [{"key": mark, "text": _ENTRANCE[channel], "hover_text": "", "extra": extra}],
        }

    @staticmethod
    def after_sale_state(row: dict[str, Any]) -> dict[str, int]:
        if not row["applied"]:
            return {"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0}
        state = 12 if row["succeeded"] else 27 if row["refused"] else 7 if row["refund_kind"] == RETURN else 6
        kind = {UNSHIPPED: 2, 1: 1, RETURN: 0, EXCHANGE: 3}[int(row["refund_kind"])]
        return {
            "after_sale_status": state,
            "after_sale_type": kind,
            "refund_status": 3 if row["refunded"] else 0 if row["refused"] else 1,
        }

    def _parcels(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What was sent together is one parcel; of a line sent in two parts the first holds one piece."""
        sent: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            if row["parted"]:
                sent.setdefault(row["parted"], []).append(self._packed(row, 1))
            if row["shipped"]:
                sent.setdefault(row["shipped"], []).append(
                    self._packed(row, int(row["quantity"]) - bool(row["parted"]))
                )
        return [
            {
                "tracking_no": f"YT{(int(rows[0]['order']) + number) % 10**13:013d}",
                "company": "yuantong",
                "company_name": "圆通快递",
                "ship_time": unix(second),
                "delivery_id": "",
                "product_info": goods,
            }
            for number, (second, goods) in enumerate(sorted(sent.items()))
        ]

    def _packed(self, row: dict[str, Any], count: int) -> dict[str, Any]:
        sku, catalogue = int(row["sku"]), self.world.catalogue
        product = int(catalogue.sku_product[sku])
        return {
            "product_name": catalogue.product_name[product],
            "price": int(row["price"]),
            "outer_sku_id": catalogue.sku_code[sku],
            "sku_id": int(self.sku_ids[sku]),
            "sku_specs": [],
            "product_count": count,
            "product_id": int(self.product_ids[product]),
            "sku_order_id": str(row["line"]),
        }

    @staticmethod
    def _phases(head: dict[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not head["presale"]:
            return []
        deposit = sum(int(row["payable"]) for row in rows) // 10
        return [
            {
                "phase_order_id": f"{head['order']}1",
                "total_phase": 2,
                "current_phase": 2 if head["paid"] else 1,
                "phase_pay_amount": deposit,
                "pay_success": True,
            }
        ]
