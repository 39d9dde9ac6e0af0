"""Rules offered at first start, read from `suggestions.toml`."""

from __future__ import annotations

import logging
import tomllib
from datetime import datetime
from pathlib import Path

from alerts import board, store
from alerts.people import check_rule
from alerts.types import Rule
from errors import CockpitError
from warehouse.ledger import Ledger

log = logging.getLogger(__name__)
FILE = Path(__file__).with_name("suggestions.toml")


def suggestions() -> dict[str, Rule]:
    """Every suggestion by its name."""
    table = tomllib.loads(FILE.read_text("utf-8"))
    return {name: from_table(name, dict(fields)) for name, fields in table.items()}


def from_table(name: str, fields: dict[str, object]) -> Rule:
    """A suggestion as it stands in the file, under its name."""
    fields["dimensions"] = tuple(fields.get("dimensions", ()))  # type: ignore[arg-type]
    return Rule(**fields, origin=name)  # type: ignore[arg-type]


def offer(ledger: Ledger, now: datetime) -> list[str]:
    """Take suggestions that this ledger has never seen; gives their names. One that cannot be judged is skipped."""
    known = store.origins(ledger)
    taken = []
    with ledger.transaction():
        for name, rule in suggestions().items():
            if name in known:
                continue
            try:
                check_rule(rule)
            except CockpitError as error:
                log.warning("suggested rule %s skipped: %s", name, error)
                continue
            store.write_rule(ledger, rule, "suggestion", now)
            taken.append(name)
    board.refresh(ledger)
    return taken
