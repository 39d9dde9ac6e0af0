"""Metrics that people define: what a formula may say, what it becomes, who may see it, and that taking it back
restores everything."""

from __future__ import annotations

import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from errors import UserError
from metrics import Query, Scope, catalogue, query
from metrics import definitions as defs
from metrics.catalogue import Book, book, declared, declared_book, install, using
from metrics.declare import Metric
from metrics.expression import Binary, Function, Name, Negative, Node, Number, names, parse, write
from tests.metrics.facts import Facts, days

MARCH = days("2024-03-01", "2024-03-31")
AT = "2024-04-01T10:00:00"


@pytest.fixture(autouse=True)
def _only_declared() -> Any:
    yield
    install(None)


def made(metric_id: str, formula: str, **more: Any) -> Metric:
    fields = {"layer": "management", "unit": "yuan", "direction": "up", "owner": "operations"} | more
    return Metric(
        metric_id, fields.pop("zh", "我的"), fields.pop("en", "Mine"), definition_zh="定义", definition_en="Definition",
        formula=formula, **fields,
    )  # fmt: skip


def overridden(metric_id: str, formula: str) -> Metric:
    return defs.changed(declared()[metric_id], formula=formula)


def keep(ledger: Any, *asked: Metric) -> None:
    for metric in asked:
        defs.save(ledger, defs.candidate(metric)[0], "boss", AT, "", {})
        assert defs.read(ledger) == {}


# The grammar ----------------------------------------------------------------------------------------------------------

_NUMBERS = st.decimals(0, 10**6, places=3).map(lambda value: Number(f"{value:f}"))
_NAMES = st.sampled_from(["gmv", "orders", "refund_amount", "buyers"]).map(Name)


def _bigger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    args = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*"), inner, inner),
        st.builds(Binary, st.just("/"), inner, inner.filter(lambda node: not isinstance(node, Number))),
        st.builds(Negative, inner),
        st.builds(Function, st.just("coalesce"), args),
        st.builds(Function, st.just("nullif"), st.tuples(inner, inner)),
    )


TREES = st.recursive(st.one_of(_NUMBERS, _NAMES), _bigger, max_leaves=12)


@given(TREES)
@hypothesis_settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_as_the_same_tree(tree: Node) -> None:
    assert parse(write(tree)) == tree


@given(st.text(alphabet=string.printable + "（）×÷，；", max_size=60))
@hypothesis_settings(max_examples=500, deadline=None)
def test_any_text_is_read_or_refused_and_never_more_than_arithmetic(text: str) -> None:
    try:
        tree = parse(text)
    except UserError as error:
        assert error.code.startswith("formula_") and error.text("zh") and error.text("en")
        return
    again = write(tree)
    assert parse(again) == tree
    assert set(again) <= set(string.ascii_lowercase + string.digits + "_ .,()+-*/") and "--" not in again


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("", "formula_empty"),
        ("gmv +", "formula_syntax"),
        ("gmv; DROP TABLE order_line", "formula_syntax"),
        ("gmv -- comment", "formula_unknown"),
        ("(SELECT 1)", "formula_syntax"),
        ("gmv 'x'", "formula_syntax"),
        ("__import__('os')", "formula_syntax"),
        ("gmv.real", "formula_syntax"),
        ("read_csv(gmv, 1)", "formula_function"),
        ("nullif(gmv)", "formula_function"),
        ("gmv / 0.0", "formula_zero"),
        ("(" * 30 + "gmv" + ")" * 30, "formula_long"),
        ("-" * 30 + "gmv", "formula_long"),
        ("gmv + " * 61 + "gmv", "formula_long"),
        ("gmw / orders", "formula_unknown"),
        ("1 + 2", "formula_constant"),
        ("mine + gmv", "formula_circle"),
    ],
)
def test_a_wrong_formula_is_refused_in_words(formula: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        defs.check(made("mine", formula))
    assert caught.value.code == code
    assert not {"{", "}"} & set(caught.value.text("zh") + caught.value.text("en"))


def test_signs_of_chinese_keyboards_are_read() -> None:
    assert write(parse("（gmv － refund_amount）÷ orders × 100")) == "(gmv - refund_amount) / orders * 100"
    assert names(parse("coalesce(gmv, 0) / nullif(orders, 3) - gmv")) == ("gmv", "orders")


@pytest.mark.parametrize("metric_id", ["Gmv", "a", "x__base", "platform", "day", "sold_cost", "1st", "a b", "coalesce"])
def test_ids_that_would_be_mistaken_are_refused(metric_id: str) -> None:
    with pytest.raises(UserError) as caught:
        defs.check(made(metric_id, "gmv"))
    assert caught.value.code == "definition_id"


def test_fields_are_checked() -> None:
    for more, code in (
        ({"unit": "euro"}, "definition_field"),
        ({"layer": "system"}, "definition_field"),
        ({"owner": "nobody"}, "definition_field"),
        ({"zh": " "}, "definition_name"),
    ):
        with pytest.raises(UserError) as caught:
            defs.check(made("mine", "gmv", **more))
        assert caught.value.code == code
    with pytest.raises(UserError) as caught:
        defs.check(replace(overridden("gmv", "gmv"), unit="count"))
    assert caught.value.code == "definition_unit"


_WHOLE = st.recursive(
    st.one_of(st.integers(0, 1000).map(lambda value: Number(str(value))), _NAMES), _bigger, max_leaves=10
)
_VALUES = st.fixed_dictionaries(
    {name: st.one_of(st.none(), st.integers(-500, 500)) for name in ("gmv", "orders", "refund_amount", "buyers")}
)


def worked_out(node: Node, values: dict[str, int | None]) -> float | None:
    """What a formula is worth, by hand."""
    if isinstance(node, Number):
        return float(node.text)
    if isinstance(node, Name):
        value = values[node.id]
        return None if value is None else float(value)
    if isinstance(node, Negative):
        inner = worked_out(node.of, values)
        return None if inner is None else -inner
    if isinstance(node, Function):
        args = [worked_out(one, values) for one in node.args]
        if node.name == "coalesce":
            return next((one for one in args if one is not None), None)
        return None if args[0] == args[1] else args[0]
    left, right = worked_out(node.left, values), worked_out(node.right, values)
    if left is None or right is None or node.sign == "/" and right == 0:
        return None
    return {"+": left + right, "-": left - right, "*": left * right}[node.sign] if node.sign != "/" else left / right


@given(tree=_WHOLE.filter(names), values=_VALUES)
@hypothesis_settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sql_of_a_formula_is_worth_what_the_formula_is(warehouse: Any, tree: Node, values: Any) -> None:
    found = Book([defs.check(made("mine", write(tree)), ())]).expression("mine")
    constants = {name: "NULL" if value is None else str(value) for name, value in values.items()}
    rows = ", ".join(f"CAST({value} AS DECIMAL(18, 2)) AS {name}" for name, value in constants.items())
    (row,) = warehouse.read(f"SELECT CAST({found.sql('duckdb')} AS DOUBLE) AS value FROM (SELECT {rows})").to_pylist()
    assert row["value"] == (None if (told := worked_out(tree, values)) is None else pytest.approx(told, rel=1e-12))


# Numbers --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(facts: Facts) -> Facts:
    facts.line("2024-03-05", 100, buyer=1, category="A", unit_cost=30)
    facts.line("2024-03-05", 60, buyer=2, category="B", unit_cost=10)
    facts.refund("2024-03-06", 40, "2024-03-05", category="A")
    return facts.ready()


def test_a_metric_made_by_a_person_is_asked_like_any_other(shop: Facts, ledger: Any) -> None:
    keep(ledger, made("kept", "gmv - coalesce(refund_amount, 0)"), made("kept_each", "kept / orders"))
    assert shop.one("kept", period=MARCH) == 120.0
    assert shop.one("kept_each", period=MARCH) == 60.0
    by = shop.ask("kept", "gmv", period=MARCH, dimensions=("category",), order="-kept").rows
    assert by == [{"category": "A", "kept": 60.0, "gmv": 100.0}, {"category": "B", "kept": 60.0, "gmv": 60.0}]
    assert catalogue()["kept"].origin == "custom"
    assert shop.one("kept_each", period=days("2024-03-20", "2024-03-21")) is None  # nothing is divided by nothing


def test_division_by_zero_and_long_products_give_null_or_a_number(shop: Facts, ledger: Any) -> None:
    product = " * ".join(["gmv"] * 20)
    keep(ledger, made("none", "gmv / nullif(orders - orders, 5)"), made("big", product))
    assert shop.one("none", period=MARCH) is None
    assert shop.one("big", period=MARCH) == pytest.approx(160.0**20)


def test_an_override_reaches_everything_built_on_it_and_taking_it_back_restores_it(shop: Facts, ledger: Any) -> None:
    asked = ("gmv", "aov", "attainment", "net_sales", "orders")
    before = shop.ask(*asked, period=MARCH).rows
    orders = book().metrics["orders"]
    keep(ledger, overridden("gmv", "gmv * 0.5"))
    assert shop.one("gmv", period=MARCH) == 80.0
    assert shop.one("aov", period=MARCH) == 40.0
    assert shop.one("net_sales", period=MARCH) == 40.0
    assert book().metrics["orders"] is orders
    assert catalogue()["gmv"].origin == "overridden"
    defs.remove(ledger, "gmv", "boss", AT, "", {})
    assert defs.read(ledger) == {} and book() is declared_book()
    assert shop.ask(*asked, period=MARCH).rows == before
    assert [(one.change, one.by) for one in defs.history(ledger, "gmv")] == [("removed", "boss"), ("made", "boss")]


def test_in_its_own_override_a_name_means_what_was_declared(shop: Facts, ledger: Any) -> None:
    keep(ledger, overridden("aov", "aov * 2"), overridden("gmv", "gmv - refund_amount"))
    assert shop.one("gmv", period=MARCH) == 120.0
    assert shop.one("aov", period=MARCH) == 120.0
    assert {"gmv", "refund_amount"} <= catalogue()["aov"].uses


def test_circles_are_refused_with_their_path(ledger: Any) -> None:
    keep(ledger, made("first", "gmv"), made("second", "first + orders"))
    for metric, path in ((made("first", "second"), "first → second → first"), (overridden("gmv", "first"), "gmv")):
        with pytest.raises(UserError) as caught:
            defs.candidate(metric)
        assert caught.value.code == "formula_circle" and path in caught.value.text("en")
    with pytest.raises(UserError) as caught:
        defs.candidate(overridden("gmv", "aov * buyers"))
    assert caught.value.code == "formula_circle"


def test_what_others_use_cannot_be_removed(ledger: Any) -> None:
    keep(ledger, made("first", "gmv"), made("second", "first + orders"))
    with pytest.raises(UserError) as caught:
        defs.without("first")
    assert caught.value.code == "definition_used" and "second" in caught.value.text("zh")
    with pytest.raises(UserError) as caught:
        defs.without("gmv")
    assert caught.value.code == "definition_none"
    assert "second" not in defs.without("second").metrics


def test_a_definition_that_no_longer_holds_is_left_out_with_what_is_built_on_it(shop: Facts, ledger: Any) -> None:
    keep(ledger, made("first", "gmv"), made("second", "first + orders"), made("third", "orders * 2"))
    defs.save(ledger, made("first", "gone + 1"), "boss", AT, "", {})
    broken = defs.read(ledger)
    assert {name: error.code for name, error in broken.items()} == {
        "first": "formula_unknown",
        "second": "formula_unknown",
    }
    assert shop.one("third", period=MARCH) == 4.0


# Rights ---------------------------------------------------------------------------------------------------------------


def test_what_is_hidden_stays_hidden_inside_a_new_metric(shop: Facts, ledger: Any) -> None:
    keep(ledger, made("loud", "gross_profit / gmv"), made("quiet", "sold_cost"), overridden("aov", "aov + cogs"))
    hidden = Scope("anna", hidden=frozenset(name for name, item in declared().items() if item.owner == "finance"))
    for name in ("loud", "quiet", "aov"):  # `sold_cost` is the measure that only the cost of goods speaks of
        with pytest.raises(UserError) as caught:
            shop.ask(name, period=MARCH, scope=hidden)
        assert caught.value.code == "not_allowed"
    assert shop.ask("gmv", period=MARCH, scope=hidden).rows == [{"gmv": 160.0}]


def test_a_trial_is_seen_by_its_thread_alone_and_answers_are_not_mixed(shop: Facts) -> None:
    asked = Query(("gmv", "aov"), period=MARCH)
    everything = Scope.everything()
    trial = Book([defs.check(overridden("gmv", "gmv * 2"))])
    assert query(shop.warehouse, asked, everything).rows == [{"gmv": 160.0, "aov": 80.0}]
    with using(trial):
        assert query(shop.warehouse, asked, everything).rows == [{"gmv": 320.0, "aov": 160.0}]
    assert query(shop.warehouse, asked, everything).rows == [{"gmv": 160.0, "aov": 80.0}]


def test_definitions_are_never_changed_in_the_ledger(ledger: Any) -> None:
    keep(ledger, made("first", "gmv"))
    for sql in ("UPDATE metric_definition SET by = 'x'", "DELETE FROM metric_definition"):
        with pytest.raises(Exception, match="append-only"):
            ledger.execute(sql)


def test_closing_another_ledger_leaves_the_definitions_alone(ledger: Any) -> None:
    keep(ledger, made("first", "gmv"))
    defs.forget(object())  # type: ignore[arg-type]
    assert "first" in catalogue()
    defs.forget(ledger)
    assert "first" not in catalogue()
