"""From rows of a fact back to the batches, files and lines they came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from errors import UserError
from warehouse.model import FACTS
from warehouse.store import Warehouse


def batches(
    warehouse: Warehouse, fact: str, where: str = "true", params: Sequence[object] = ()
) -> list[dict[str, Any]]:
    """The batches behind the rows of `fact` that match `where` (SQL over its columns), newest first.

    Each with file, kind, SHA-256, time of loading, how many of the rows it last wrote (`rows`) and their span of lines.

    Raises:
        UserError: `fact_unknown`.
    """
    _check(fact)
    return warehouse.read(
        f"SELECT b.batch_id, b.source, b.kind, b.platform, b.shop, b.file_name, b.sha256, b.loaded_at, b.rows_read,"
        f" b.quarantined, r.n AS rows, r.first_row, r.last_row"
        f" FROM (SELECT batch_id, count(*) AS n, min(source_row) AS first_row, max(source_row) AS last_row FROM {fact}"
        f" WHERE {where} GROUP BY batch_id) r JOIN load_batch b USING (batch_id) ORDER BY b.batch_id DESC",
        params,
    ).to_pylist()


def rows(
    warehouse: Warehouse,
    fact: str,
    where: str = "true",
    params: Sequence[object] = (),
    limit: int = 100,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """The rows themselves, each with its file and its line in it (`source_row`)."""
    _check(fact)
    return warehouse.read(
        f"SELECT f.*, b.file_name, b.kind AS batch_kind, b.sha256 FROM (SELECT * FROM {fact} WHERE {where}) f"
        f" JOIN load_batch b USING (batch_id) ORDER BY f.batch_id, f.source_row"
        f" LIMIT {int(limit)} OFFSET {int(offset)}",
        params,
    ).to_pylist()


def _check(fact: str) -> None:
    if fact not in FACTS:
        raise UserError("fact_unknown", fact=fact, known=", ".join(FACTS))
