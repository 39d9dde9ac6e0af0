"""A metric's page, the tree, and the form that defines a metric: what they show, to whom, and what saving does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

import alerts
import config
import metrics
from access import views
from access.users import User
from alerts.types import Rule
from components import block, metric_tree, names, used_by
from components.context import Context
from components.page import Page, find_pages
from components.view import View, parse
from errors import UserError
from metrics import Scope
from metrics import definitions as defs
from metrics.catalogue import declared, install
from pages import define, dictionary, tree
from tests.components.made import find, texts
from tests.metrics.facts import Facts
from warehouse import Warehouse

NOW = datetime(2026, 11, 22, 16, 0)
BOSS, CARL = User("boss", "boss"), User("carl", "warehouse")
Look = Callable[..., View]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    config.freeze(NOW)
    yield
    install(None)


@pytest.fixture
def shop(warehouse: Warehouse) -> Facts:
    facts = Facts(warehouse)
    for day in range(1, 23):
        facts.line(f"2026-11-{day:02d} 10:00", 100.0 + day, buyer=day, category="A")
        facts.refund(f"2026-11-{day:02d} 12:00", 20, f"2026-11-{day:02d} 10:00", category="A")
    return facts.ready()


@pytest.fixture
def look(shop: Facts, ledger: Any, monkeypatch: pytest.MonkeyPatch) -> Look:
    """A view of an address over this test's facts, for a signed-on user."""

    def view(path: str, search: str = "?period=last_30_days", *, lang: str = "zh", user: User = BOSS,
             scope: Scope | None = None) -> View:  # fmt: skip
        for page in (define, dictionary, used_by):
            monkeypatch.setattr(page, "current_user", lambda: user)
        monkeypatch.setattr(define, "lang", lambda: lang)
        warehouse = shop.warehouse
        context = Context(warehouse.settings, warehouse, ledger, scope=Scope.everything, user=lambda: user.name)
        args = next((args for page in (dictionary, define, tree) if (args := page.PAGE.match(path)) is not None), {})
        return parse(context, path, search, path_args=args, lang=lang, scope=scope or Scope.everything(user.name))

    return view


def drawn(view: View, page: Page, name: str) -> Any:
    return block.draw(view, page, next(part for part in page.blocks if part.name == name))


def put(view: View, asked: Any, note: str = "why") -> None:
    define.save(view, asked, note, define.preview(view, asked)[1])


def over(formula: str, metric_id: str = "gmv") -> Any:
    return defs.changed(declared()[metric_id], formula=formula)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("metric", ["gmv", "refund_rate", "turnover_days", "job_runs"])
def test_every_block_of_a_metric_is_drawn_and_no_text_is_missing(look: Look, lang: str, metric: str) -> None:
    view = look(f"/dictionary/{metric}", lang=lang)
    pictures = [drawn(view, dictionary.PAGE, part.name) for part in dictionary.BLOCKS]
    pictures.append(dictionary.layout(view))
    told = texts(pictures)
    assert "state-failed" not in str(pictures)
    assert "definitions." not in told and "components." not in told and "pages." not in told


def test_nodes_show_the_engines_values_and_lead_to_their_own_pages(look: Look) -> None:
    view = look("/dictionary/net_sales")
    picture = drawn(view, dictionary.PAGE, "tree")
    rows = {row.to_plotly_json()["props"]["data-node"]: row for row in find(picture, _is_node)}
    assert {"net_sales", "gmv", "refund_amount", "visitors", "cvr", "aov"} <= set(rows)
    value = view.ask("refund_amount").rows[0]["refund_amount"]
    assert value == 22 * 20 and "440" in texts(rows["refund_amount"])
    (link,) = find(rows["refund_amount"], lambda one: getattr(one, "href", None))
    assert link.href == "/dictionary/refund_amount?period=last_30_days"
    assert "−" in texts(rows["refund_amount"])
    assert find(picture, lambda one: type(one).__name__ == "Details" and one.open)


def _is_node(item: Any) -> bool:
    return "data-node" in getattr(item, "to_plotly_json", dict)().get("props", {})


def test_the_whole_tree_holds_every_metric_once_at_least(look: Look) -> None:
    view = look("/tree", "?period=last_30_days&platform=douyin")
    seen: set[str] = set()
    for part in tree.BLOCKS:
        picture = drawn(view, tree.PAGE, part.name)
        assert "state-failed" not in str(picture)
        seen |= {row.to_plotly_json()["props"]["data-node"] for row in find(picture, _is_node)}
        links = [one.href for one in find(picture, lambda one: str(getattr(one, "href", "")).startswith("/drill/"))]
        assert links and all("platform=douyin" in href for href in links)
    assert seen == set(metrics.catalogue())


def test_the_tree_counts_each_metric_once_and_folds_what_is_not_known(look: Look) -> None:
    view, counted = look("/tree", "?period=last_30_days"), 0
    for part in tree.BLOCKS:
        picture = drawn(view, tree.PAGE, part.name)
        own = sum(item.layer == part.name for item in metrics.catalogue().values())
        assert view.text("definitions.tree.note", n=own, versus=names.comparison(view, view.compare)) in str(picture)
        counted += own
        for fold in find(picture, lambda one: getattr(one, "className", None) == "mtree-silent"):
            values = find(fold, lambda one: getattr(one, "className", None) == "mtree-value")
            assert values and all(str(one.children[0].children) == "—" for one in values)
    assert counted == len(metrics.catalogue())


def test_each_tree_ends_whatever_stands_in_a_circle() -> None:
    for name in metrics.catalogue():
        below = metric_tree.below(name)
        assert below[0] == name and len(set(below)) == len(below)
    assert metric_tree.roots("strategic")[0] == "operating_profit"


def test_who_uses_a_metric_is_told(look: Look, shop: Facts, ledger: Any) -> None:
    alerts.save_rule(ledger, Rule("aov", 50.0), "boss", NOW)
    for user, name, query, shared in (
        (BOSS, "mine", "m=aov", ""),
        (CARL, "his", "m=aov", ""),
        (CARL, "ours", "m=aov,gmv", "all"),
        (BOSS, "other", "m=aov2", ""),
    ):
        views.save(ledger, user, name, query, shared)
    view = look("/dictionary/aov")
    put(view, defs.replace(over("aov / 2", "aov"), id="half_aov", zh="半价", en="Half"))
    assert [one.label for one in used_by.saved_views(view, "aov")] == ["ours", "mine"]
    assert len(used_by.rules(view, "aov")) == 1
    assert [one.label for one in used_by.built_on(view, "aov")] == ["半价"]
    told = texts(drawn(view, dictionary.PAGE, "used"))
    assert "半价" in told and "战略" in told


def test_pages_are_found_by_what_they_show() -> None:
    shown = used_by._named_by_page()
    assert "contribution_profit" in shown["strategic"] and "contribution_profit" not in shown["alerts"]
    assert "gmv" in shown["wall"]  # named in a part that only the wall uses
    assert set(shown) == {page.id for page in find_pages()[0]}


# Defining -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_moves_is_shown_before_it_is_saved_and_kept_in_the_history(look: Look, ledger: Any, lang: str) -> None:
    alerts.save_rule(ledger, Rule("gmv", 115, side="above", period="yesterday"), "boss", NOW)
    view = look("/define/gmv", lang=lang)
    picture, seen = define.preview(view, over("gmv - refund_amount"))
    told = texts(picture)
    assert "definitions." not in told and "2,453" in told and "2,013" in told  # 100+1 … 100+22; less 22 × 20
    sections = [one.to_plotly_json()["props"]["data-section"] for one in find(picture, _is_section)]
    assert sections == ["values", "months", "rules", "decisions", "targets", "pages"]
    assert metrics.catalogue()["gmv"].origin == "declared"
    define.save(view, over("gmv - refund_amount"), "net", seen)
    assert view.ask("gmv").rows[0]["gmv"] == 2453 - 440
    history = texts(drawn(look("/dictionary/gmv", lang=lang), dictionary.PAGE, "history"))
    assert "boss" in history and "gmv - refund_amount" in history and "net" in history and "2,453" in history
    assert "chip-overridden" in str(dictionary.layout(look("/dictionary/gmv")))
    define.give_back(view, "gmv", "")
    assert view.ask("gmv").rows[0]["gmv"] == 2453


def _is_section(item: Any) -> bool:
    return "data-section" in getattr(item, "to_plotly_json", dict)().get("props", {})


def test_a_metric_of_ones_own_is_everywhere_at_once(look: Look, ledger: Any) -> None:
    from commands.listing import catalogue

    view = look("/define")
    asked = defs.replace(over("（gmv － refund_amount）÷ orders"), id="kept_each", zh="单均净额", en="Net per order")
    told = texts(define.preview(view, asked)[0])
    assert "单均净额" in told and "91.5" in told
    put(view, asked)
    assert [row["formula"] for row in catalogue() if row["id"] == "kept_each"] == ["(gmv - refund_amount) / orders"]
    assert "单均净额" in texts(dictionary.layout(look("/dictionary")))
    assert "kept_each" in str(drawn(look("/tree"), tree.PAGE, "strategic"))
    alerts.save_rule(ledger, Rule("kept_each", 50.0), "boss", NOW)
    assert "state-failed" not in str([drawn(look("/dictionary/kept_each"), dictionary.PAGE, part.name)
                                      for part in dictionary.BLOCKS])  # fmt: skip


def test_a_redefined_metric_is_told_by_its_new_formula_in_the_tree(look: Look) -> None:
    put(look("/define/gmv"), over("gmv - refund_amount"))
    assert [part for line in metric_tree.lines("gmv") for _, part in line.parts] == ["refund_amount"]
    assert metric_tree.trunk("net_sales") == ()  # its line holds for the released definitions alone


def test_rights_rule_the_form(look: Look) -> None:
    for path in ("/define", "/define/gmv"):
        view = look(path, user=CARL)
        assert "不能改口径" in texts(define.layout(view))
        assert not find(define.layout(view), lambda one: getattr(one, "id", "") == "define-save")
        with pytest.raises(UserError) as caught:
            define.preview(view, over("gmv * 2"))
        assert caught.value.code == "act_not_allowed"
    anna = look("/define/gmv", user=User("anna", "operations"))
    assert "不能改口径" in texts(define.layout(anna))
    assert find(define.layout(look("/define/gmv")), lambda one: getattr(one, "id", "") == "define-save")
    assert "改口径" not in texts(dictionary.layout(look("/dictionary/gmv", user=CARL)))


def test_hidden_metrics_stay_hidden_on_every_part_of_the_page(look: Look) -> None:
    put(look("/define"), defs.replace(over("gmv - gross_profit"), id="spread", zh="差", en="Spread"))
    scope = Scope("carl", hidden=frozenset({"gross_profit", "cogs", "refund_amount"}))
    view = look("/dictionary/spread", user=CARL, scope=scope)
    for name in ("now", "tree", "evidence"):
        shown = drawn(view, dictionary.PAGE, name)
        values = [texts(row) for row in find(shown, _is_node)]
        assert "state-failed" not in str(shown) and not any("2,013" in one for one in values)
    rows = {row.to_plotly_json()["props"]["data-node"]: texts(row) for row in find(
        drawn(view, dictionary.PAGE, "tree"), _is_node)}  # fmt: skip
    assert "2,453" in rows["gmv"] and "—" in rows["gross_profit"] and "—" in rows["spread"]


def test_a_form_left_empty_is_told_what_is_missing(look: Look) -> None:
    from components.definition_form import read

    for values, code in (({}, "definition_id"), ({"id": "fine"}, "definition_field")):
        with pytest.raises(UserError) as caught:
            define.preview(look("/define"), read(values))
        assert caught.value.code == code


def test_definitions_that_hold_no_more_are_listed_with_their_reason(look: Look, ledger: Any) -> None:
    assert "已失效" not in texts(dictionary.layout(look("/dictionary")))
    stale = defs.replace(over("gone_metric + gmv"), id="stale")
    defs.save(ledger, stale, "boss", "2026-11-22T10:00:00", "", {})
    defs.read(ledger)
    told = texts(dictionary.layout(look("/dictionary")))
    assert "已失效" in told and "stale" in told and "gone_metric" in told
    assert "stale" not in texts(dictionary.layout(look("/dictionary", user=CARL)))
