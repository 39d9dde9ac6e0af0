"""`quarantine …`: rows that could not be used, with their reasons; taken away as CSV, or tried again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import connectors
from access.audit import Exported, record
from commands.outcome import Call, Outcome, as_json, as_table
from errors import UserError
from i18n import text
from warehouse import quarantine
from warehouse.batch import LoadReport
from warehouse.quarantine import Filters

MOST = 1_000_000
BY_BATCH = (
    "SELECT q.batch_id AS batch, b.file_name AS file, q.kind, q.reason, q.field, q.state, count(*) AS rows"
    " FROM quarantine q LEFT JOIN load_batch b USING (batch_id) WHERE q.state = 'open' OR ?"
    " GROUP BY ALL ORDER BY batch DESC, rows DESC, reason, field"
)


def list_rows(call: Call) -> Outcome:
    """How many rows, by batch and reason."""
    found = call.context.warehouse.read(BY_BATCH, (bool(call.args.get("every")),)).to_pylist()
    if call.args.get("json"):
        return Outcome(as_json({"quarantine": found}))
    heads = ("batch", "file", "kind", "reason", "field", "rows", "state")
    rows = [[_reason(call, row["reason"]) if name == "reason" else _cell(row[name]) for name in heads] for row in found]
    return Outcome(
        as_table([call.text(f"quarantine.{n}") for n in heads], rows) if rows else call.text("quarantine.none")
    )


def show(call: Call) -> Outcome:
    """The rows of one batch, each with its reason and what stood in the file."""
    filters: Filters = {"batch_id": call.args["batch"]}
    if call.args.get("reason"):
        filters["reason"] = call.args["reason"]
    found = quarantine.list_rows(call.context.warehouse, filters, limit=call.args.get("limit") or 50)
    if not found.total:
        raise UserError("quarantine_batch_unknown", batch=call.args["batch"])
    heads = ("source_row", "reason", "field", "value", "state", "raw")
    if call.args.get("json"):
        rows = [{name: row[name] for name in ("batch_id", "file_name", *heads)} for row in found.rows]
        return Outcome(as_json({"rows": rows, "total": found.total}))
    lines = [[_reason(call, row[n]) if n == "reason" else _cell(row[n]) for n in heads[:-1]] for row in found.rows]
    titles = [call.text(f"quarantine.{name}") for name in ("row", "reason", "field", "value", "state")]
    return Outcome(as_table(titles, lines))


def export(call: Call) -> Outcome:
    """Write open rows as CSV (with a mark that lets Excel read the Chinese)."""
    filters: Filters = {"state": "open"}
    if call.args.get("batch") is not None:
        filters["batch_id"] = call.args["batch"]
    count = quarantine.list_rows(call.context.warehouse, filters, limit=1).total
    path = Path(call.args["file"])
    try:
        path.write_text(quarantine.export_csv(call.context.warehouse, filters), "utf-8-sig", newline="")
    except OSError as error:
        raise UserError("file_unwritable", file=path, detail=error.strerror or error) from None
    record(call.context.ledger, Exported(str(call.args.get("actor") or "system"), f"quarantine → {path.name}", count))
    return Outcome(call.text("quarantine.exported", rows=count, file=path))


def replay(call: Call) -> Outcome:
    """Try open rows again, batch by batch, with what the kinds say today."""
    reports: list[LoadReport] = []
    found, wanted = _open_rows(call), call.args.get("batch")
    if not found and wanted is not None and not _ever(call, wanted):  # replayed already is fine
        raise UserError("quarantine_batch_unknown", batch=wanted)
    for (batch, kind), rows in found.items():
        present = {name for row in rows for name in row["raw"]}
        declared = connectors.kind_named(kind)
        spec = declared.spec(present) if declared else connectors.spec_again(_options(call, batch))
        if spec is None:
            continue
        keys = [(batch, row["source_row"]) for row in rows]
        reports += quarantine.replay(call.context.warehouse, spec, keys)
    tried, accepted = sum(report.rows_read for report in reports), sum(report.accepted for report in reports)
    still = sum(report.quarantined for report in reports)
    if call.args.get("json"):
        return Outcome(as_json({"rows": tried, "accepted": accepted, "quarantined": still}))
    return Outcome(call.text("quarantine.replayed", rows=tried, accepted=accepted, quarantined=still))


def _options(call: Call, batch: int) -> str:
    rows = call.context.warehouse.read("SELECT options FROM load_batch WHERE batch_id = ?", (batch,)).to_pylist()
    return str(rows[0]["options"]) if rows else "{}"


def _open_rows(call: Call) -> dict[tuple[int, str], list[dict[str, Any]]]:
    """Open rows of the batch asked for, or of all, by batch and kind."""
    filters: Filters = {"state": "open"}
    if call.args.get("batch") is not None:
        filters["batch_id"] = call.args["batch"]
    groups: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in quarantine.list_rows(call.context.warehouse, filters, limit=MOST).rows:
        groups.setdefault((row["batch_id"], row["kind"]), []).append(row)
    return groups


def _ever(call: Call, batch: int) -> bool:
    """Whether the batch ever had rows in quarantine."""
    return bool(quarantine.list_rows(call.context.warehouse, {"batch_id": batch}, limit=1).total)


def _reason(call: Call, code: str) -> str:
    """The reason in words where the warehouse has them."""
    words = text(f"reason.{code}", call.lang)
    return code if words == f"reason.{code}" else words


def _cell(value: Any) -> str:
    return "–" if value is None else str(value)
