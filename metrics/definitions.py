"""Metrics that people define: checked, kept in the ledger version by version, and put on top of the declared ones."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, get_args

from errors import UserError
from metrics import expression
from metrics.catalogue import Book, book, declared, declared_book, install
from metrics.declare import Metric
from metrics.dimensions import DIMENSIONS, suggest
from metrics.measures import MEASURES
from metrics.periods import COMPARISONS
from metrics.types import Direction, Grain, Layer, Unit
from warehouse.ledger import Ledger

log = logging.getLogger(__name__)

OWNERS = ("boss", "operations", "finance", "warehouse", "service", "technology")
LAYERS = tuple(name for name in get_args(Layer) if name != "system")
LONGEST_NAME, LONGEST_TEXT, MOST = 40, 500, 200
_FIELDS = ("id", "zh", "en", "layer", "unit", "direction", "owner", "definition_zh", "definition_en", "formula")
_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_lock = threading.Lock()
_source: list[Ledger] = []  # whose definitions are installed


@dataclass(frozen=True)
class Version:
    """One change of one definition, as the ledger keeps it. `metric` is None where it was taken back."""

    id: int
    metric_id: str
    change: str  # 'made', 'changed', 'removed'
    metric: Metric | None
    note: str
    effect: dict[str, Any]  # what was shown to move before it was saved
    at: str
    by: str


# Checking -------------------------------------------------------------------------------------------------------------


def check(asked: Metric, others: Iterable[Metric] | None = None) -> Metric:
    """The definition as it will be kept: formula written out anew, origin told.

    `others` are the definitions it will stand beside (those that hold now, if not given).

    Raises:
        UserError: `formula_…` of `expression.parse`, `formula_unknown`, `formula_circle`, `formula_constant`,
            `definition_id`, `definition_name`, `definition_field`, `definition_unit`, `definition_most`.
    """
    beside = {item.id: item for item in (book().own.values() if others is None else others) if item.id != asked.id}
    _check_id(asked.id)
    origin = "overridden" if asked.id in declared() else "custom"
    _check_fields(asked)
    if origin == "overridden" and asked.unit != declared()[asked.id].unit:
        raise UserError("definition_unit", metric=asked.id, unit=declared()[asked.id].unit)
    if len(beside) >= MOST:
        raise UserError("definition_most", most=MOST)
    node = expression.parse(asked.formula)
    _check_names(asked.id, node, {**declared(), **beside})
    kept = {name: str(getattr(asked, name)).strip() for name in _FIELDS}
    found = Metric(**(kept | {"formula": expression.write(node)}), origin=origin)  # type: ignore[arg-type]
    _check_circle(found, {**declared(), **beside, found.id: found})
    return found


def _check_id(name: str) -> None:
    taken = name in DIMENSIONS or name in get_args(Grain) or name in expression.FUNCTIONS
    taken = taken or name in MEASURES and name not in declared()
    taken = taken or name in COMPARISONS and name not in declared()
    if not _ID.fullmatch(name) or not 2 <= len(name) <= LONGEST_NAME or taken:
        raise UserError("definition_id", id=name[:LONGEST_NAME], most=LONGEST_NAME)


def _check_fields(asked: Metric) -> None:
    for name, known in (
        ("layer", LAYERS if asked.id not in declared() else get_args(Layer)),
        ("unit", get_args(Unit)),
        ("direction", get_args(Direction)),
        ("owner", OWNERS),
    ):
        if getattr(asked, name) not in known:
            raise UserError("definition_field", field=name, value=getattr(asked, name), known=", ".join(known))
    for name, most in (("zh", LONGEST_NAME), ("en", LONGEST_NAME), ("definition_zh", LONGEST_TEXT)):
        if not 1 <= len(str(getattr(asked, name)).strip()) <= most:
            raise UserError("definition_name", field=name, most=most)
    if len(asked.definition_en) > LONGEST_TEXT:
        raise UserError("definition_name", field="definition_en", most=LONGEST_TEXT)


def _check_names(own: str, node: expression.Node, known: dict[str, Metric]) -> None:
    named = expression.names(node)
    for word in named:
        if word not in known and word not in MEASURES and word != own:
            raise UserError("formula_unknown", name=word, near=suggest(word, {**known, **MEASURES}))
    if not named:
        raise UserError("formula_constant")
    if own in named and own not in declared() and own not in MEASURES:
        raise UserError("formula_circle", path=f"{own} → {own}")


def _check_circle(found: Metric, known: dict[str, Metric]) -> None:
    """Walks from the new definition down; its own id inside it means what was declared."""
    first = declared().get(found.id)

    def walk(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise UserError("formula_circle", path=" → ".join((*path[path.index(name) :], name)))
        formulas = [known[name].formula]
        if name == found.id and first is not None and name in _named(found.formula):
            formulas.append(first.formula)
        for word in sorted(_named(*formulas) - {name}):
            if word in known:
                walk(word, (*path, name))

    walk(found.id, ())


def _named(*formulas: str) -> set[str]:
    return {word for formula in formulas if formula for word in expression.names(expression.parse(formula))}


def candidate(asked: Metric) -> tuple[Metric, Book]:
    """The checked definition and the catalogue as it would be with it. Raises what `check` raises."""
    found = check(asked)
    return found, Book([*(item for item in book().own.values() if item.id != found.id), found])


def without(metric_id: str) -> Book:
    """The catalogue as it would be without a person's definition of the metric.

    Raises:
        UserError: `definition_used` when others are built on it and nothing is declared in its place;
            `definition_none` when there is no such definition.
    """
    own = book().own
    if metric_id not in own:
        raise UserError("definition_none", metric=metric_id)
    left = [item for item in own.values() if item.id != metric_id]
    users = [item.id for item in left if metric_id in _named(item.formula)]
    if metric_id not in declared() and users:
        raise UserError("definition_used", metric=metric_id, users=", ".join(users))
    for item in left:
        check(item, left)
    return Book(left)


# Keeping --------------------------------------------------------------------------------------------------------------


def save(ledger: Ledger, found: Metric, by: str, at: str, note: str, effect: dict[str, Any]) -> int:
    """Keep a checked definition as the newest of its metric; gives the version's number. It holds after `read`."""
    known = any(one.metric for one in history(ledger, found.id)[:1])
    told = json.dumps({name: getattr(found, name) for name in _FIELDS}, ensure_ascii=False)
    return _write(ledger, found.id, "changed" if known else "made", told, by, at, note, effect)


def remove(ledger: Ledger, metric_id: str, by: str, at: str, note: str, effect: dict[str, Any]) -> int:
    """Take a person's definition back; what was declared holds again."""
    return _write(ledger, metric_id, "removed", "", by, at, note, effect)


def _write(
    ledger: Ledger, metric_id: str, change: str, definition: str, by: str, at: str, note: str, effect: dict[str, Any]
) -> int:
    cursor = ledger.execute(
        "INSERT INTO metric_definition (metric, change, definition, note, effect, at, by) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (metric_id, change, definition, note[:LONGEST_TEXT], json.dumps(effect, ensure_ascii=False), at, by),
    )
    return int(cursor.lastrowid or 0)


def history(ledger: Ledger, metric_id: str | None = None) -> list[Version]:
    """Every change of a metric's definition (or of all), the newest first."""
    rows = ledger.query(
        "SELECT * FROM metric_definition WHERE metric = coalesce(?, metric) ORDER BY id DESC", (metric_id,)
    )
    return [_version(row) for row in rows]


def _version(row: dict[str, Any]) -> Version:
    metric = None
    if row["definition"]:
        told = json.loads(row["definition"])
        origin = "overridden" if row["metric"] in declared() else "custom"
        metric = Metric(**{name: str(told[name]) for name in _FIELDS}, origin=origin)  # type: ignore[arg-type]
    effect = json.loads(row["effect"])
    return Version(row["id"], row["metric"], row["change"], metric, row["note"], effect, row["at"], row["by"])


def standing(ledger: Ledger) -> tuple[Book, dict[str, UserError]]:
    """The catalogue with a ledger's definitions on top.

    A definition that does not hold any more (a later release dropped what it names) is left out and given back with
    its reason; so are those built on it.
    """
    newest = {one.metric_id: one.metric for one in reversed(history(ledger))}
    good = {name: metric for name, metric in newest.items() if metric is not None}
    broken: dict[str, UserError] = {}
    while True:
        faults = _faults(good)
        if not faults:
            break
        broken |= faults
        good = {name: metric for name, metric in good.items() if name not in faults}
    for name, error in broken.items():
        log.warning("definition of %s left out: %s", name, error)
    return Book(good.values()) if good else declared_book(), broken


def read(ledger: Ledger) -> dict[str, UserError]:
    """Put the ledger's definitions on top of the declared metrics, for the whole process; gives those left out."""
    new, broken = standing(ledger)
    with _lock:
        _source[:] = [ledger]
        install(new)
    return broken


def _faults(own: dict[str, Metric]) -> dict[str, UserError]:
    found: dict[str, UserError] = {}
    for name, item in own.items():
        try:
            check(item, own.values())
        except UserError as error:
            found[name] = error
    return found


def forget(ledger: Ledger) -> None:
    """Only what is declared holds again, if the definitions are this ledger's: it is being closed."""
    with _lock:
        if _source and _source[0] is ledger:
            _source.clear()
            install(None)


def digest(metric: Metric) -> str:
    """What tells one wording of a definition from another."""
    return json.dumps([getattr(metric, name) for name in _FIELDS], ensure_ascii=False)


def changed(metric: Metric, **fields: Any) -> Metric:
    """A metric's own fields, without what the catalogue filled in."""
    kept = {name: getattr(metric, name) for name in _FIELDS} | fields
    return replace(Metric(**kept), origin=metric.origin)
