"""The arithmetic in which people define metrics: numbers, ids, + - * /, parentheses, coalesce and nullif. Nothing else.

    sum     := product (('+' | '-') product)*
    product := signed (('*' | '/') signed)*
    signed  := '-' signed | atom
    atom    := NUMBER | ID | ('coalesce' | 'nullif') '(' sum (',' sum)+ ')' | '(' sum ')'

A text is read by recursive descent into a tree of these four kinds of node and written out again from that tree: what
reaches SQL was written here, never by a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from errors import UserError

LONGEST = 400  # characters
MOST_NODES = 60
DEEPEST = 20
FUNCTIONS = {"coalesce": (2, 5), "nullif": (2, 2)}  # least and most arguments

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,12}(?:\.\d{1,9})?)(?![\w.])|(?P<name>[A-Za-z]\w*)|(?P<sign>[-+*/(),]))", re.A
)
_WIDE = str.maketrans("（），＋－−×＊÷／", "(),+--**//")  # what Chinese keyboards and paper write
_RANK = {"+": 1, "-": 1, "*": 2, "/": 2}


@dataclass(frozen=True)
class Number:
    text: str


@dataclass(frozen=True)
class Name:
    id: str


@dataclass(frozen=True)
class Negative:
    of: Node


@dataclass(frozen=True)
class Binary:
    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Function:
    name: str
    args: tuple[Node, ...]


Node = Number | Name | Negative | Binary | Function


def parse(text: str) -> Node:
    """The tree of a formula.

    Raises:
        UserError: `formula_empty`, `formula_long`, `formula_syntax` (with the place), `formula_function`,
            `formula_zero` for a division by the number 0.
    """
    if not text.strip():
        raise UserError("formula_empty")
    if len(text) > LONGEST:
        raise UserError("formula_long", most=LONGEST, nodes=MOST_NODES)
    return _Parser(text.translate(_WIDE)).whole()


def write(node: Node) -> str:
    """The formula of a tree, with no more parentheses than it needs; `parse` reads the same tree from it."""
    if isinstance(node, Number):
        return node.text
    if isinstance(node, Name):
        return node.id
    if isinstance(node, Negative):
        return f"-{_inside(node.of, 3)}"
    if isinstance(node, Function):
        return f"{node.name}({', '.join(write(one) for one in node.args)})"
    rank = _RANK[node.sign]
    return f"{_inside(node.left, rank)} {node.sign} {_inside(node.right, rank + 1)}"


def names(node: Node) -> tuple[str, ...]:
    """Every id that a formula speaks of, in reading order, once."""
    return tuple(dict.fromkeys(one.id for one in walk(node) if isinstance(one, Name)))


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    parts: tuple[Node, ...] = ()
    if isinstance(node, Negative):
        parts = (node.of,)
    elif isinstance(node, Binary):
        parts = (node.left, node.right)
    elif isinstance(node, Function):
        parts = node.args
    for part in parts:
        yield from walk(part)


def _inside(node: Node, rank: int) -> str:
    own = _RANK[node.sign] if isinstance(node, Binary) else 3
    # `a - -b` is read rightly, but `--` starts a comment in SQL
    wrap = own < rank or isinstance(node, Negative)
    return f"({write(node)})" if wrap else write(node)


class _Parser:
    """One reading of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._nodes = 0
        self._kind, self._word, self._start = "", "", 0
        self._next()

    def whole(self) -> Node:
        found = self._sum(0)
        if self._kind != "end":
            raise self._wrong()
        return found

    def _next(self) -> None:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            rest = self._text[self._at :]
            self._start = self._at + len(rest) - len(rest.lstrip())
            self._kind, self._word = ("end", "") if not rest.strip() else ("wrong", rest.strip()[:12])
            if self._kind == "wrong":
                raise self._wrong()
            return
        self._at = found.end()
        self._kind = str(found.lastgroup)
        self._word, self._start = found[self._kind], found.start(self._kind)

    def _wrong(self) -> UserError:
        return UserError("formula_syntax", found=self._word or "∅", place=self._start + 1)

    def _take(self, sign: str) -> None:
        if self._word != sign or self._kind != "sign":
            raise self._wrong()
        self._next()

    def _counted(self, node: Node) -> Node:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise UserError("formula_long", most=LONGEST, nodes=MOST_NODES)
        return node

    def _sum(self, depth: int) -> Node:
        left = self._product(depth)
        while self._kind == "sign" and self._word in "+-":
            sign = self._word
            self._next()
            left = self._counted(Binary(sign, left, self._product(depth)))
        return left

    def _product(self, depth: int) -> Node:
        left = self._signed(depth)
        while self._kind == "sign" and self._word in "*/":
            sign, place = self._word, self._start
            self._next()
            right = self._signed(depth)
            if sign == "/" and isinstance(right, Number) and float(right.text) == 0:
                raise UserError("formula_zero", place=place + 1)
            left = self._counted(Binary(sign, left, right))
        return left

    def _signed(self, depth: int) -> Node:
        if self._kind == "sign" and self._word == "-":
            self._next()
            if depth >= DEEPEST:
                raise UserError("formula_long", most=LONGEST, nodes=MOST_NODES)
            return self._counted(Negative(self._signed(depth + 1)))
        return self._atom(depth)

    def _atom(self, depth: int) -> Node:
        kind, word, start = self._kind, self._word, self._start
        if depth >= DEEPEST:
            raise UserError("formula_long", most=LONGEST, nodes=MOST_NODES)
        if kind not in ("number", "name") and word != "(":
            raise self._wrong()
        self._next()
        if kind == "number":
            return self._counted(Number(word))
        if kind == "sign":
            inner = self._sum(depth + 1)
            self._take(")")
            return inner
        if self._kind == "sign" and self._word == "(":
            return self._function(word.lower(), start, depth)
        return self._counted(Name(word.lower()))

    def _function(self, name: str, start: int, depth: int) -> Node:
        if name not in FUNCTIONS:
            raise UserError("formula_function", name=name, known=", ".join(FUNCTIONS))
        self._take("(")
        args = [self._sum(depth + 1)]
        while self._kind == "sign" and self._word == ",":
            self._next()
            args.append(self._sum(depth + 1))
        self._take(")")
        least, most = FUNCTIONS[name]
        if not least <= len(args) <= most:
            raise UserError("formula_function", name=f"{name}({len(args)})", known=", ".join(FUNCTIONS))
        return self._counted(Function(name, tuple(args)))
