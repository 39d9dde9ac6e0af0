"""Files into the warehouse from the browser: tried out first, loaded, and remembered mappings for files nobody knew."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import connectors
from access.audit import FilesLoaded, record
from components.context import Context
from components.work import Report
from connectors.mapping import MappingFile
from connectors.mapping_store import LedgerMappings
from connectors.reading import Grid, open_grids
from errors import UserError
from warehouse.batch import Batch, LoadReport
from warehouse.load import try_out as try_batch

SHOWN_ROWS = 8


@dataclass(frozen=True)
class Asked:
    """What the person said about a file; empty means: find out."""

    kind: str | None = None
    platform: str | None = None
    shop: str | None = None
    mapping: MappingFile | None = None
    source: str = "file"
    barred: frozenset[str] = frozenset()  # facts that this person may not write


def batches(context: Context, path: Path, asked: Asked) -> Iterator[Batch]:
    """The file's batches, read with the mappings people have confirmed.

    Raises:
        UserError: `write_not_allowed` for a batch that would write what this person may not; what
            `connectors.read_file` raises.
    """
    for batch in connectors.read_file(
        path,
        kind=asked.kind,
        mapping=asked.mapping,
        platform=asked.platform,
        shop=asked.shop,
        settings=context.settings,
        store=LedgerMappings(context.ledger) if context.ledger is not None else None,
        source=asked.source,
    ):
        may_write(batch.spec.kind, (into.fact for into in batch.spec.into), asked.barred)
        yield batch


def may_write(kind: str, facts: Iterable[str], barred: frozenset[str]) -> None:
    """Raises `UserError("write_not_allowed")` when one of the facts is barred."""
    if barred & set(facts):
        raise UserError("write_not_allowed", kind=kind)


def load(context: Context, path: Path, asked: Asked, report: Report, user: str | None) -> list[dict[str, Any]]:
    """Load a file for real; each batch is in whole or not at all. Gives the load reports as dicts."""
    done: list[LoadReport] = []
    try:
        for batch in batches(context, path, asked):
            done.append(context.warehouse.load(batch, progress=lambda stage, share: report(share, stage)))
    finally:  # what was loaded before a part failed stays loaded
        if context.ledger is not None and done:
            record(
                context.ledger,
                FilesLoaded(
                    user or "system",
                    path.name[:500],
                    len(done),
                    sum(one.accepted for one in done),
                    sum(one.quarantined for one in done),
                ),
            )
    return [asdict(one) for one in done]


def try_out(context: Context, path: Path, asked: Asked, report: Report) -> list[dict[str, Any]]:
    """What loading would do as the warehouse stands: counts and reasons; each batch is rolled back again."""
    found = []
    for batch in batches(context, path, asked):
        done, reasons = try_batch(context.warehouse.engine, batch, lambda stage, share: report(share, stage))
        found.append({**asdict(done), "reasons": reasons, "platform": batch.platform, "shop": batch.shop})
    return found


def _folder(context: Context) -> Path:
    context.settings.tmp.mkdir(parents=True, exist_ok=True)
    return context.settings.tmp


def first_grid(context: Context, path: Path) -> Grid | None:
    """The first table of a file, for the mapping page: its head only. Raises what `open_grids` raises."""
    with tempfile.TemporaryDirectory(dir=_folder(context)) as folder:
        grid = next((grid for grid in open_grids(path, Path(folder)) if grid.head), None)
        return Grid(grid.place, grid.head) if grid else None
