"""What pages may ask of higher floors: `Context.actions`. Each checks the asker's right before it does anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import access
from commands.outcome import Call
from components import work
from components.context import Context, lang


def install(context: Context) -> None:
    """Hang the hooks into the context of a running app."""
    from commands import demo_shop

    def load_demo() -> Any:
        """Queue the demo shop; pages fill as the data version moves."""
        user = access.require(access.current_user(), "load")
        call_lang = lang()
        return work.of(context).submit(
            "demo", lambda report: demo_shop.load(Call(context.settings, {}, call_lang, report, context)), user.name
        )

    def remove_demo() -> Any:
        """Queue taking the demo shop out."""
        user = access.require(access.current_user(), "load")
        call_lang = lang()
        return work.of(context).submit(
            "demo_remove",
            lambda report: demo_shop.remove(Call(context.settings, {"actor": user.name}, call_lang, report, context)),
            user.name,
        )

    context.actions.update(
        load_demo=load_demo, remove_demo=remove_demo, demo_present=lambda: demo_shop.present(context)
    )


def beating(scheduler: Any, most: float = 60.0) -> Callable[[], bool]:
    """Whether the scheduler showed life in the last `most` seconds."""
    return lambda: bool(scheduler.beat_age() < most)
