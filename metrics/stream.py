"""Answers too long for memory: written to a file as Arrow batches while they come, read back batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from metrics.catalogue import book, using
from metrics.compile import compiled
from metrics.knowledge import notes_of
from metrics.query import check, filters_of, plan_of
from metrics.types import Query, Result, Scope

if TYPE_CHECKING:
    from warehouse import Warehouse

BATCH = 20_000  # rows held at a time
SECONDS = 300.0  # a question of a million groups may take longer than one of a page


@dataclass(frozen=True)
class Stream:
    """An answer whose rows wait in a file: `result` without rows, how many there are, and the rows themselves."""

    result: Result
    rows: int
    path: Path

    def batches(self) -> Iterator[list[dict[str, Any]]]:
        """The rows in order, as `query` gives them, at most `BATCH` at a time."""
        with pa.OSFile(str(self.path)) as file, pa.ipc.open_stream(file) as reader:
            for batch in reader:
                yield batch.to_pylist()


@contextmanager
def stream(warehouse: Warehouse, asked: Query, scope: Scope) -> Iterator[Stream]:
    """Answer one question for one asker into a file that is gone afterwards; memory is bounded, however long it is.

    The reader's place is given back before the first row is handed out, so a slow download holds nobody up.

    Raises:
        UserError: as `query`.
    """
    folder = warehouse.settings.tmp
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="answer-", dir=folder) as inside:
        with using(book()):
            found = _spooled(warehouse, asked, scope, Path(inside) / "rows.arrow")
        yield found


def _spooled(warehouse: Warehouse, asked: Query, scope: Scope, path: Path) -> Stream:
    started, version = perf_counter(), warehouse.data_version
    items = check(asked, scope)
    plan = plan_of(warehouse, asked, scope, items, filters_of(asked, scope))
    sql, names = compiled(plan.shape)
    count = 0
    with warehouse.reader(SECONDS) as cursor:
        reader = cursor.sql(sql, params=[plan.params[name] for name in names] or None).to_arrow_reader(BATCH)
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, reader.schema) as writer:
            for batch in reader:
                count += batch.num_rows
                writer.write_batch(batch)
    return Stream(
        Result(
            metrics=plan.shape.metrics,
            dimensions=asked.dimensions,
            grain=asked.grain,
            period=plan.period,
            compare=asked.compare,
            rows=[],
            as_of=plan.as_of,
            complete_through=plan.through or plan.as_of,
            units={item.id: item.unit for item in items},
            sql=sql,
            seconds=perf_counter() - started,
            notes=notes_of(items, [], plan.known) | plan.base_notes,
            late_sources=plan.late,
            base_period=plan.base,
            data_version=version,
        ),
        count,
        path,
    )
