"""Kinds of rule, found by folder: a module here with a `KIND` is a new kind. A broken one is skipped with a warning."""

from __future__ import annotations

import importlib
import logging
import pkgutil
from functools import cache
from typing import Protocol

from alerts.types import Outcome, Reading, Rule

log = logging.getLogger(__name__)


class RuleKind(Protocol):
    """One way of telling good from bad."""

    id: str
    zh: str
    en: str

    def check(self, rule: Rule) -> None:
        """Raise `UserError` when the rule's settings make no sense for this kind."""

    def compare(self, rule: Rule) -> str | None:
        """The comparison word that its query needs."""

    def judge(self, rule: Rule, reading: Reading) -> tuple[Outcome, str]:
        """Breach, band or ok (or no_data), and the code of the reason. Late and broken data never get here."""

    def distance(self, rule: Rule, reading: Reading) -> float:
        """How far the value lies beyond what the rule allows, in the metric's unit; for floors in yuan."""


@cache
def kinds() -> dict[str, RuleKind]:
    """Every kind that could be loaded, by id."""
    found: dict[str, RuleKind] = {}
    for module in pkgutil.iter_modules(__path__):
        try:
            kind = importlib.import_module(f"{__name__}.{module.name}").KIND
        except Exception:
            log.warning("rule kind %s skipped", module.name, exc_info=True)
            continue
        found[kind.id] = kind
    return found
