"""What pages and jobs may ask of higher floors: `Context.actions`. What people ask for checks their right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import access
from access.audit import Maintained, record
from commands.outcome import Call, Outcome
from components import work
from components.context import Context, lang


def install(context: Context) -> None:
    """Hang the hooks into the context of a running app."""
    context.actions.update(
        load_demo=lambda: _queue(context, "load"),
        remove_demo=lambda: _queue(context, "remove"),
        demo_present=_demo_present(context),
        advance_demo=lambda: _advance(context),
    )


def beating(scheduler: Any, most: float = 60.0) -> Callable[[], bool]:
    """Whether the scheduler showed life in the last `most` seconds."""
    return lambda: bool(scheduler.beat_age() < most)


@contextmanager
def demo_loading(context: Context) -> Iterator[None]:
    """While this holds, the first page says that the demo is on its way instead of offering it."""
    context.flags["demo_loading"] = True
    try:
        yield
    finally:
        context.flags["demo_loading"] = False


def _queue(context: Context, act: str) -> work.Job | None:
    """Let the app's work queue load or remove the demo shop; pages follow as the data version moves."""
    user, speech = access.require(access.current_user(), "load"), lang()
    if context.flags.get("demo_loading"):
        return None

    def do(report: work.Report) -> Outcome:
        from commands import demo  # starts the simulator's modules: only when they are wanted

        with demo_loading(context):
            outcome: Outcome = getattr(demo, act)(Call(context.settings, {}, speech, report, context))
        record(context.ledger, Maintained(user.name, f"demo {act}"))
        return outcome

    return work.of(context).submit(f"demo_{act}", do, user.name)


def _advance(context: Context) -> str | None:
    """The minute job: nothing at all happens without a demo."""
    if not context.actions["demo_present"]():
        return None
    from commands import demo

    return demo.advance(context.warehouse, context.settings)


def _demo_present(context: Context) -> Callable[[], bool]:
    """Whether demo data stand in the warehouse, asked once for each data version: every page marks them."""
    known: dict[int, bool] = {}

    def present() -> bool:
        version = context.warehouse.data_version
        if version not in known:
            found = context.warehouse.read("SELECT count(*) FROM load_batch WHERE source = 'demo'")
            known.clear()
            known[version] = bool(found.column(0)[0].as_py())
        return known[version]

    return present
