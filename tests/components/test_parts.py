"""Cards, blocks, exports, tiles and tokens: what they show and what they refuse to show."""

import csv
import io
from datetime import datetime

import openpyxl
import pytest

from components import block, export, kpi_card, states, tiles, tokens
from components.page import Block, Page, find_pages
from components.target_bar import target_bar
from errors import UserError
from tests.components.made import find, result, texts, view

PAGE = Page(id="p", path="/", title="pages.strategic.title", layout=lambda view: None)


def part(ask):
    return Block("b", ask, lambda view, found: "drawn")


def test_a_failure_stays_in_its_block_and_says_since_when_and_how_to_retry():
    def broken(_view):
        raise UserError("unknown_metric", name="x", near="y")

    here = view()
    drawn = block.draw(here, PAGE, part(broken))
    told = texts(drawn)
    assert "自" in told and "重试" in told and "x" in told
    first = here.context.flags["failures"]["p-b"]
    block.draw(here, PAGE, part(broken))
    assert here.context.flags["failures"]["p-b"] == first
    assert block.draw(here, PAGE, part(lambda view: {})) == "drawn" and not here.context.flags["failures"]


def test_a_right_that_is_missing_is_another_state_than_a_failure():
    def refused(_view):
        raise UserError("not_allowed", metric="cogs")

    assert "没有权限" in texts(block.draw(view(), PAGE, part(refused)))


def test_a_bug_is_not_shown_to_the_reader():
    def bug(_view):
        raise ZeroDivisionError("secret detail")

    assert "secret" not in texts(block.draw(view(), PAGE, part(bug)))


def answers():
    compared = result(
        [{"gmv": 2864000.0, "gmv__base": 2550000.0, "gmv__diff": 314000.0, "gmv__pct": 0.123}],
        "gmv",
        compare="yesterday",
    )
    target = result(
        [{"gmv": 2864000.0, "gmv__target": 4e6, "gmv__attainment": 0.716, "gmv__pace": 0.68}], "gmv", compare="target"
    )
    return {"now": result([{"gmv": 2864000.0}], "gmv"), "first 0": compared, "target 0": target}


def test_a_card_shows_value_change_target_and_leads_to_the_drill():
    card = kpi_card.kpi_card(view("?channel=live"), answers(), "gmv")
    told = texts(card)
    assert "286.4 万" in told and "昨日 ↑12.3%" in told and "目标   400.0万" in told and "71.6%" in told
    assert find(card, lambda c: getattr(c, "href", "") == "/drill/gmv?channel=live")
    assert find(card, lambda c: getattr(c, "data-define", None) == "gmv")
    assert getattr(card, "data-value") == "2864000.0"


def test_an_unknown_number_is_a_dash_with_its_reason_never_zero():
    card = kpi_card.kpi_card(view(), {"now": result([{"gmv": None}], "gmv", notes={"gmv": "no_sales"})}, "gmv")
    assert "—" in texts(card) and "尚未载入订单" in texts(card) and " 0 " not in texts(card)


def test_a_bad_rise_has_a_mark_of_its_own():
    compared = result(
        [{"refund_rate": 0.12, "refund_rate__base": 0.1, "refund_rate__diff": 0.02, "refund_rate__pct": 0.2}],
        "refund_rate",
        units={"refund_rate": "rate"},
        compare="yesterday",
    )
    card = kpi_card.kpi_card(view(), {"now": compared, "first 0": compared}, "refund_rate")
    assert "↑2.00pp 不利" in texts(card)


def test_a_target_bar_never_leaves_its_track():
    bar = target_bar(view(), target=100.0, unit="yuan", attainment=1.7, pace=3.0)
    widths = [c.style["width"] for c in find(bar, lambda c: "width" in (getattr(c, "style", None) or {}))]
    assert widths == ["100.0%"] and "170.0%" in texts(bar)


def test_exports_carry_the_filters_and_quote_formulas():
    here = view("?channel=live&category=%3Dcmd")
    found = result([{"category": "=cmd()", "gmv": 12.5}], "gmv", dimensions=("category",))
    rows = list(csv.reader(io.StringIO(export.as_csv(here, {"x": found}).decode("utf-8-sig"))))
    assert ["# 类目", "'=cmd"] in rows
    assert ["# 渠道", "直播"] in rows and ["类目", "成交额"] in rows and ["'=cmd()", "12.5"] in rows
    book = openpyxl.load_workbook(io.BytesIO(export.as_xlsx(here, {"a:b/c": found})))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert ["渠道", "直播"] in [row[:2] for row in cells] and ["=cmd()", 12.5] in [row[:2] for row in cells]
    assert book.active.cell(len(cells), 1).data_type == "s"


def test_tiles_show_every_province_once_and_the_value_on_hover():
    assert len({place[1:] for place in tiles.PLACES.values()}) == len(tiles.PLACES) == 34
    found = result(
        [{"province": "广东", "gmv": 100.0}, {"province": None, "gmv": 9.0}], "gmv", dimensions=("province",)
    )
    drawn = find(
        tiles.province_tiles(view(), found, "gmv"),
        lambda c: getattr(c, "title", "") and "tile" in str(getattr(c, "className", "")),
    )
    told = {tile.children: tile.title for tile in drawn}
    assert "100.00 元" in told["粤"] and "未知" in told["沪"]


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", tokens.THEMES)
def test_text_keeps_contrast_aa_on_every_ground_it_stands_on(theme):
    table = tokens.COLOURS[theme]
    pairs = [
        (name, ground)
        for name in (
            "text",
            "muted",
            "today_text",
            "target_text",
            "red_text",
            "green_text",
            "warning_text",
            "critical_text",
        )
        for ground in ("surface", "bg", "raised")
    ]
    pairs += [
        ("warning_text", "warning_soft"),
        ("today_text", "today_soft"),
        ("on_critical", "critical"),
        ("surface", "warning_text"),
    ]
    low = {
        pair: round(contrast(table[pair[0]], table[pair[1]]), 2)
        for pair in pairs
        if contrast(table[pair[0]], table[pair[1]]) < 4.5
    }
    assert low == {}


def test_no_page_names_a_colour_of_its_own():
    import re

    from config import ROOT

    files = [
        *ROOT.glob("pages/*.py"),
        *(path for path in ROOT.glob("components/*.py") if path.name not in ("tokens.py",) and "wall" not in path.name),
    ]
    found = {path.name for path in files if re.search(r"[\"'(:]#[0-9A-Fa-f]{6}\b", path.read_text("utf-8"))}
    assert found == set()


def test_a_broken_page_is_skipped_with_a_warning(tmp_path, monkeypatch):
    package = tmp_path / "some_pages"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "broken.py").write_text("raise RuntimeError('no')\n")
    (package / "other.py").write_text("PAGE = 3\n")
    (package / "good.py").write_text(
        "from components.page import Page\nPAGE = Page(id='g', path='/g/<x>', title='t', layout=lambda v: None)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    pages, warnings = find_pages("some_pages")
    assert [page.id for page in pages] == ["g"] and len(warnings) == 2
    assert pages[0].match("/g/7") == {"x": "7"} and pages[0].match("/g") is None


def test_every_page_of_the_product_is_found():
    pages, warnings = find_pages()
    assert {"strategic", "management", "execution", "sku", "drill", "dictionary"} <= {
        page.id for page in pages
    } and warnings == []


def test_an_empty_warehouse_offers_the_ways_in():
    here = view()
    here.context.actions["load_demo"] = lambda: None
    told = texts(states.empty_warehouse(here))
    assert "载入导出文件" in told and "连接平台" in told and "演示店铺" in told


def test_times_in_an_export_are_real_times():
    found = result([{"day": datetime(2026, 11, 1), "gmv": 1.0}], "gmv", grain="day")
    book = openpyxl.load_workbook(io.BytesIO(export.as_xlsx(view(), {"x": found})))
    assert datetime(2026, 11, 1) in [cell.value for row in book.active.iter_rows() for cell in row]
