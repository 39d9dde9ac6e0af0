"""Expressions of mapping files: parsed and checked against a list of what is allowed, then written as SQL; never run.

A column stands under its header (`price`, `"订单 ID"`, `orders.status` of a join), text in single quotes. What a
column is read as follows from its use, or is said by a type: `time(paid)`, `person(buyer)`, `date(day, '%d-%m-%Y')`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from warehouse.batch import Check, FieldType
from warehouse.parse import quote

TYPES: tuple[str, ...] = get_args(FieldType)
_FUNCTIONS = {  # name → fewest and most arguments
    "coalesce": (1, 20), "concat": (1, 20), "nullif": (2, 2), "abs": (1, 1), "round": (1, 2), "floor": (1, 1),
    "ceil": (1, 1), "least": (2, 20), "greatest": (2, 20), "lower": (1, 1), "upper": (1, 1), "trim": (1, 1),
    "substr": (2, 3), "left": (2, 2), "right": (2, 2), "replace": (3, 3), "length": (1, 1), "contains": (2, 2),
    "starts_with": (2, 2), "ends_with": (2, 2), "split_part": (3, 3), "lpad": (3, 3), "year": (1, 1), "month": (1, 1),
    "day": (1, 1), "hour": (1, 1),
}  # fmt: skip
_TEXT_ARGUMENTS = frozenset(
    {
        "mapped",
        "concat",
        "lower",
        "upper",
        "trim",
        "substr",
        "left",
        "right",
        "replace",
        "length",
        "contains",
        "starts_with",
    }
    | {"ends_with", "split_part", "lpad"}
)
_OWN = {"mapped": (2, 2), "row": (0, 0)}
_WORDS = frozenset({"in", "and", "or", "not", "when", "then", "else", "case", "like", "between", "is"})
_ALLOWED = (
    exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Anonymous, exp.Paren, exp.Neg, exp.Add, exp.Sub,
    exp.Mul, exp.Div, exp.Mod, exp.DPipe, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Not,
    exp.In, exp.Is, exp.Like, exp.Between, exp.Case, exp.If,
)  # fmt: skip
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg)
_ORDERED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)
_CALL = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|([A-Za-z_]\w*)(\s*\()""")
ALLOWED_TEXT = (
    '"names with blanks" in double quotes, + - * / % || = <> < <= > >= and or not in is null like between '
    "case when … then … else … end, "
    + ", ".join(f"{name}()" for name in (*_FUNCTIONS, *_OWN))
    + "; types: "
    + ", ".join(f"{name}()" for name in TYPES)
)

Column = tuple[str, str]  # name as used (`price`, `orders.status`) and type


class ExpressionError(Exception):
    """What is wrong with an expression, in one clause."""


@dataclass
class Fields:
    """The fields that the expressions of one load ask for: a column read as a type, under a name for the warehouse."""

    types: Mapping[str, str] = field(default_factory=dict)  # column → type that the mapping states
    named: dict[Column, str] = field(default_factory=dict)

    def name(self, column: str, kind: str) -> str:
        """The field's name: the column's own where it can be had."""
        kind = self.types.get(column, kind)
        known = self.named.get((column, kind))
        if known is None:
            plain = re.sub(r"\W+", "_", column).strip("_") or "column"
            plain = f"c_{plain}" if plain[0].isdigit() else plain
            taken = {name.casefold() for name in self.named.values()}
            tries = [plain, f"{plain}_{kind}", *(f"{plain}_{number}" for number in range(2, 99))]
            known = self.named[(column, kind)] = next(one for one in tries if one.casefold() not in taken)
        return known


@dataclass(frozen=True)
class Written:
    """An expression as SQL over the fields, and the checks its conversions need."""

    sql: str
    checks: tuple[Check, ...] = ()


def parsed(text: str) -> exp.Expr:
    """The tree of an expression, every node of it allowed.

    Raises:
        ExpressionError: with what is wrong.
    """
    marked = _CALL.sub(_mark, text)
    try:
        tree = parse_one(marked, read="duckdb")
    except SqlglotError as error:
        raise ExpressionError(str(error).splitlines()[0].replace("f__", "")) from None
    for node in tree.walk():
        if not isinstance(node, _ALLOWED):
            raise ExpressionError(f"{type(node).__name__.lower()} `{node.sql(dialect='duckdb').replace('F__', '')}`")
        if isinstance(node, exp.Column) and (node.args.get("db") or isinstance(node.this, exp.Star)):
            raise ExpressionError(node.sql(dialect="duckdb"))
        if isinstance(node, exp.In) and (node.args.get("query") or node.args.get("unnest")):
            raise ExpressionError("in (select …)")
        if isinstance(node, exp.Anonymous):
            _check_call(node)
    return tree


def _mark(found: re.Match[str]) -> str:
    """Every call under a name that the parser has no meaning of its own for."""
    word = found.group(1)
    if not word or word.lower() in _WORDS:
        return found.group()
    return f"f__{word}{found.group(2)}"


def _check_call(node: exp.Anonymous) -> None:
    name = function_of(node)
    least, most = _FUNCTIONS.get(name) or _OWN.get(name) or ((1, 2) if name in ("time", "date") else (1, 1))
    if name not in _FUNCTIONS and name not in _OWN and name not in TYPES:
        raise ExpressionError(f"{name}()")
    if not least <= len(node.expressions) <= most:
        raise ExpressionError(f"{name}(): {len(node.expressions)} arguments")
    if name in TYPES and not isinstance(node.expressions[0], exp.Column):
        raise ExpressionError(f"{name}() of something that is no column")
    for literal in node.expressions[1:] if name in TYPES or name == "mapped" else []:
        if not (isinstance(literal, exp.Literal) and literal.is_string):
            raise ExpressionError(f"{name}(): {literal.sql(dialect='duckdb')}")


def function_of(node: exp.Anonymous) -> str:
    """The name of a call as the mapping wrote it."""
    return str(node.this).removeprefix("f__").lower()


def column_of(node: exp.Column) -> str:
    """`price` or `orders.status`."""
    return f"{node.table}.{node.name}" if node.table else node.name


def columns_in(text: str) -> set[str]:
    """The columns that an expression names."""
    return {column_of(node) for node in parsed(text).find_all(exp.Column)}


def value_maps_in(text: str) -> set[str]:
    """The `[values.…]` tables that an expression names."""
    calls = (node for node in parsed(text).find_all(exp.Anonymous) if function_of(node) == "mapped")
    return {node.expressions[1].name for node in calls}


def written(
    text: str, wanted: str, fields: Fields, values: Mapping[str, Mapping[str, str]], name_of: Callable[[str], str]
) -> Written:
    """An expression as SQL; `wanted` is the type of a column that stands for itself, `values` the value maps.

    `name_of` gives a column's full name, or raises for one that is not there.
    """
    tree, checks = parsed(text), []
    for node in tree.find_all(exp.Column):  # told beforehand, because the tree is cut up while it is written
        node.meta["as"] = _type_in(node, wanted)

    def place(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            column = name_of(column_of(node))
            return _identifier(fields.name(column, node.meta["as"]))
        if isinstance(node, exp.Anonymous):
            name = function_of(node)
            if name == "row":
                return _identifier(fields.name("#row", "id"))
            if name == "mapped":
                inner = node.expressions[0].transform(place)
                named = [one.name for one in inner.find_all(exp.Column)]
                table = values.get(node.expressions[1].name, {})
                made, check = _mapped(inner.sql(dialect="duckdb"), named[0] if named else None, table)
            elif name in TYPES:
                made, check = _typed(node, name, fields, name_of)
            else:
                return exp.Anonymous(
                    this=name, expressions=[argument.transform(place) for argument in node.expressions]
                )
            checks.extend([check] if check else [])
            return made
        return node

    return Written(tree.transform(place).sql(dialect="duckdb"), tuple(checks))


def _identifier(name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True))


def _type_in(node: exp.Column, wanted: str) -> str:
    """What a column is read as where it stands: a number in arithmetic and beside numbers, text in text functions."""
    child: exp.Expr = node
    parent = node.parent
    while isinstance(parent, exp.Paren | exp.Neg):
        child, parent = parent, parent.parent
    if isinstance(parent, exp.If):
        return wanted if child is not parent.this else "text"
    if isinstance(parent, _ARITHMETIC):
        return "number"
    if isinstance(parent, _ORDERED):
        others = [part for part in parent.iter_expressions() if part is not child]
        return "number" if any(isinstance(part, exp.Literal) and not part.is_string for part in others) else "text"
    if isinstance(parent, exp.Anonymous) and function_of(parent) in ("abs", "round", "floor", "ceil"):
        return "number"
    if isinstance(parent, exp.Anonymous) and function_of(parent) in ("year", "month", "day", "hour"):
        return "time"
    if isinstance(parent, exp.DPipe | exp.Like | exp.Is) or (
        isinstance(parent, exp.Anonymous) and function_of(parent) in _TEXT_ARGUMENTS
    ):
        return "text"
    return wanted


def _typed(
    node: exp.Anonymous, kind: str, fields: Fields, name_of: Callable[[str], str]
) -> tuple[exp.Expr, Check | None]:
    column = name_of(column_of(node.expressions[0]))
    if len(node.expressions) == 1:
        return _identifier(fields.name(column, kind)), None
    name = fields.name(column, "text")
    form = quote(node.expressions[1].name)
    read = f'try_strptime("{name}", {form})'
    check = Check(f'"{name}" IS NOT NULL AND {read} IS NULL', "bad_time", name)
    return parse_one(f"CAST({read} AS DATE)" if kind == "date" else read, read="duckdb"), check


def _mapped(sql: str, field: str | None, known: Mapping[str, str]) -> tuple[exp.Expr, Check | None]:
    """`mapped(text, 'name')`: `[values.name]` of the mapping; `"*"` there is what all other texts become."""
    arms = " ".join(f"WHEN {quote(text)} THEN {_literal(value)}" for text, value in known.items() if text != "*")
    other = _literal(known["*"]) if "*" in known else "NULL"
    told = ", ".join(quote(text) for text in known if text != "*")
    check = None if "*" in known else Check(f"{sql} NOT IN ({told})", "unknown_value", field)
    return parse_one(f"CASE {sql} {arms} ELSE {other} END", read="duckdb"), check


def _literal(value: str) -> str:
    return "NULL" if value == "" else quote(value)
