"""The day a wall looks at: what its head, alarms and blocks ask through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from components.view import View
from metrics.types import Period, Result


@dataclass(frozen=True)
class Day:
    """What a wall shows: a view, the day, and the moment it is asked."""

    view: View
    day: date
    at: datetime

    @property
    def live(self) -> bool:
        """Whether the day is today; else it is history and must not look like now."""
        return self.day == self.at.date()

    @property
    def period(self) -> Period:
        return Period.days(self.day, self.day)

    def text(self, key: str, **fields: object) -> str:
        return self.view.text(f"wall.{key}", **fields)

    def ask(self, *names: str, **how: Any) -> Result:
        """`View.ask` for this day, unless `how` names another period."""
        how.setdefault("period", self.period)
        return self.view.ask(*names, **how)

    def of(self, day: date) -> Period:
        return Period.days(day, day)

    @property
    def before(self) -> str:
        """What the day before is called here."""
        return self.text("text.against_yesterday" if self.live else "text.against_day_before")
