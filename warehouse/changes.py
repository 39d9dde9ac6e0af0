"""Which days of which facts changed at which data version, as far as this process has seen it.

Kept in memory only: what is kept by it lives no longer. Whatever raises the version without saying what it touched
(a restored file, a bench) changes everything.
"""

from __future__ import annotations

from datetime import date

from warehouse.model import Touched


class Changes:
    """Written on the writer thread, read anywhere."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, str], dict[date, int]] = {}
        self._all = self._version = 0
        self.begin()

    def begin(self) -> None:
        """A transaction begins: nothing has changed yet."""
        self._pending: list[Touched] = []
        self._everything = False

    def add(self, touched: Touched | None) -> None:
        """Count in what a step of the transaction touched; None is everything."""
        if touched is None:
            self._everything = True
        else:
            self._pending.append(touched)

    def commit(self, version: int) -> None:
        """The transaction is over, and what it changed can be seen: never before, or old rows would pass for new."""
        if self._everything or version > self._version + 1:  # or somebody raised it past the door
            self._days, self._all = {}, version
        for touched in self._pending:
            for fact, columns in touched.days.items():
                for column, days in columns.items():
                    self._days.setdefault((fact, column), {}).update(dict.fromkeys(days, version))
        self._version = version
        self.begin()

    def of(self, fact: str, column: str, day: date, version: int) -> int:
        """The version since which this day of `fact` stands, where the warehouse stands at `version`."""
        if version != self._version:  # somebody raised it past the door
            return version
        return max(self._all, self._days.get((fact, column), {}).get(day, 0))
