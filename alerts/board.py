"""What is open right now, in memory, so that a tick, a card or a wall asks no database.

One board for each open ledger; whoever changes an incident refreshes it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from alerts import store
from alerts.types import Incident, Judgement
from warehouse.ledger import Ledger


@dataclass
class Board:
    """The open incidents of one ledger; `revision` moves whenever they may have changed."""

    incidents: tuple[Incident, ...] = ()
    revision: int = 0
    loaded: bool = False
    last: dict[tuple[int, str], tuple[str, int]] = field(
        default_factory=dict
    )  # rule and labels → outcome, data version
    round_lock: threading.Lock = field(default_factory=threading.Lock)


_boards: WeakKeyDictionary[Ledger, Board] = WeakKeyDictionary()
_lock = threading.Lock()


def _board(ledger: Ledger) -> Board:
    with _lock:
        return _boards.setdefault(ledger, Board())


def standing(ledger: Ledger) -> tuple[Incident, ...]:
    """Every open incident; read from the ledger the first time only."""
    board = _board(ledger)
    if not board.loaded:
        refresh(ledger)
    return board.incidents


def refresh(ledger: Ledger) -> None:
    """Read the open incidents again."""
    board = _board(ledger)
    found = tuple(store.incidents(ledger, limit=10_000))
    if not board.loaded or _look(found) != _look(board.incidents):
        board.revision += 1
    board.incidents, board.loaded = found, True


def _look(incidents: tuple[Incident, ...]) -> list[tuple[object, ...]]:
    return [(item.id, item.state, item.severity, item.acknowledged_by, item.silenced_until) for item in incidents]


def stir(ledger: Ledger) -> None:
    """Open pages and walls look again: what they show changed without new data and without an alarm."""
    standing(ledger)
    _board(ledger).revision += 1


def revision(ledger: Ledger) -> int:
    standing(ledger)
    return _board(ledger).revision


@contextmanager
def evaluating(ledger: Ledger) -> Iterator[None]:
    """One round at a time for each ledger."""
    with _board(ledger).round_lock:
        yield


def worth_keeping(ledger: Ledger, judgements: Iterable[Judgement]) -> list[Judgement]:
    """Judgements whose outcome or data differ from the last ones: a quiet hour leaves no thousand equal rows.

    Of a rule over a dimension only what is not good is kept, or one row for all of it when everything is.
    """
    last = _board(ledger).last
    kept = []
    for judgement in _summed_up(list(judgements), last):
        key = (judgement.rule.id, store.labels_key(judgement.reading.labels))
        now = (judgement.outcome, judgement.reading.data_version)
        if last.get(key) != now:
            kept.append(judgement)
        last[key] = now
    return kept


def _summed_up(judgements: list[Judgement], last: dict[tuple[int, str], tuple[str, int]]) -> Iterator[Judgement]:
    busy = {one.rule.id for one in judgements if one.outcome != "ok"}
    for one in judgements:
        was = last.get((one.rule.id, store.labels_key(one.reading.labels)))
        if not one.rule.dimensions or one.outcome != "ok" or (was is not None and was[0] != "ok"):
            yield one
        elif one.rule.id not in busy:
            busy.add(one.rule.id)
            yield replace(one, reading=replace(one.reading, labels={}, value=None, base=None))
