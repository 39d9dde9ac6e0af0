"""A dimension's cells lead deeper: an SKU to its page, everything else into the filters."""

from __future__ import annotations

from components.columns import dimension_column
from tests.components import made


def test_cells_lead_deeper_and_keep_the_address():
    view = made.view("?period=last_7_days&platform=douyin", path="/management")
    channel, sku = dimension_column(view, "channel"), dimension_column(view, "sku", filter=True, width=9)
    assert channel.link is not None and sku.link is not None
    assert channel.link({"channel": "live"}) == view.toggled("channel", "live").href()
    assert channel.link({"channel": None}) is None
    led = sku.link({"sku": "a/b"})
    assert led is not None and led.startswith("/sku/a%2Fb?") and "platform=douyin" in led
    assert (channel.title, sku.filter, sku.width) == ("渠道", True, 9)
