"""`demo`, `demo remove`: the demo shop in and out."""

from __future__ import annotations

from typing import Any

from commands.outcome import Call, Outcome


def load(call: Call) -> Outcome:
    """Load the demo shop into an empty warehouse."""
    from commands import demo

    return demo.load(call)  # type: ignore[no-any-return,attr-defined]


def remove(call: Call) -> Outcome:
    """Take the demo shop out."""
    from commands import demo

    return demo.remove(call)  # type: ignore[no-any-return,attr-defined]


def present(context: Any) -> bool:
    """Whether demo data stand in the warehouse."""
    return False
