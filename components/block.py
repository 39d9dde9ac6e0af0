"""A block from question to picture: asked, drawn, or the state that says why not, where it would have been."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import datetime
from time import perf_counter
from typing import Any

from components import states
from components.lanes import Lanes
from components.layout import card
from components.page import Block, Page
from components.view import View
from config import now
from errors import CockpitError

log = logging.getLogger(__name__)
_lanes = Lanes()
_DRAWERS = ThreadPoolExecutor(8, "blocks")
LONGEST = 60.0  # seconds until an answer without a single block is sent after all


def draw(view: View, page: Page, part: Block) -> Any:
    """The block's picture. A failure is kept to the block and told with the time it began."""
    place = f"{page.id}-{part.name}"
    failures: dict[str, datetime] = view.context.flags.setdefault("failures", {})
    name, started = view.text(part.title) if part.title else "", perf_counter()
    if view.as_known is not None and not part.then:
        return card(states.nothing(view), title=name)
    try:
        with _lanes.enter(page.blocks.index(part) if part in page.blocks else 0):
            begun = perf_counter()
            found = part.ask(view)
        asked = perf_counter()
        drawn = part.draw(view, found)
    except CockpitError as error:
        if error.code == "not_allowed":
            return states.not_allowed(view, name)
        return states.failed(view, error, failures.setdefault(place, now(view.context.settings)), place, name)
    except Exception as error:
        log.exception("block %s failed", place)
        return states.failed(view, error, failures.setdefault(place, now(view.context.settings)), place, name)
    failures.pop(place, None)
    spans = (begun - started, asked - begun, perf_counter() - asked)
    log.info("block %s: waited %.0f ms, asked %.0f ms, drawn %.0f ms", place, *(span * 1000 for span in spans))
    return drawn


def draw_all(view: View, page: Page, parts: Sequence[Block], seconds: float) -> dict[str, Any]:
    """The pictures of those blocks that are ready within `seconds`, by name; at least one, however long it takes.

    What is not ready goes on being computed, so that the next question for it finds its answers.
    """
    tasks = {_DRAWERS.submit(copy_context().run, draw, view, page, part): part.name for part in parts}
    done, open_tasks = wait(tasks, timeout=seconds)
    if open_tasks and not done:
        done, _ = wait(tasks, timeout=LONGEST, return_when=FIRST_COMPLETED)
    return {tasks[task]: task.result() for task in done}
