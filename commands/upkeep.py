"""`backup`, `restore`, `rebuild`: keeping and bringing back warehouse and ledger."""

from __future__ import annotations

import time
from pathlib import Path

import connectors
from access.audit import Maintained, record
from commands.outcome import FAILED, OK, Call, Outcome, as_json
from warehouse import backup as backups
from warehouse import rebuild as rebuilding


def backup(call: Call) -> Outcome:
    """A copy of warehouse, ledger and key, opened and counted before it is trusted."""
    made = backups.backup(call.context.warehouse, call.context.ledger)
    record(call.context.ledger, Maintained(str(call.args.get("actor") or "system"), f"backup {made.folder.name}"))
    if call.args.get("json"):
        return Outcome(as_json({"path": str(made.folder), "data_version": made.data_version, "counts": made.counts}))
    return Outcome(call.text("upkeep.backed_up", path=made.folder))


def restore(call: Call) -> Outcome:
    """Put a backup back, then replay what the archive knows beyond it."""
    from commands.run import opened

    asked = Path(call.args["path"])
    named = call.settings.backups / asked.name
    folder = named if not asked.exists() and named.is_dir() else asked
    told = backups.restore(call.settings, folder)
    with opened(call.settings) as home:
        caught = rebuilding.catch_up(home.warehouse, connectors.read_archived)
        record(home.ledger, Maintained("system", f"restore {folder.name}"))
    said = call.text("upkeep.restored", path=told.folder, batches=caught.batches)
    return Outcome(said, *_failures(call, caught))


def rebuild(call: Call) -> Outcome:
    """Make the warehouse anew from the archive; the old file is kept beside it."""
    from warehouse.ledger import Ledger

    began = time.perf_counter()
    report = rebuilding.rebuild(
        call.settings,
        connectors.read_archived,
        lambda done, of: call.progress(done / max(of, 1), f"{done}/{of}"),
    )
    seconds = round(time.perf_counter() - began, 1)
    with Ledger.open(call.settings) as ledger:
        record(ledger, Maintained("system", f"rebuild {report.batches}"))
    if call.args.get("json"):
        told = {"batches": report.batches, "rows": report.rows, "failed": report.failed, "seconds": seconds}
        return Outcome(as_json(told), exit_code=FAILED if report.failed else OK)
    said = call.text("upkeep.rebuilt", batches=report.batches, seconds=seconds, aside=report.aside or "–")
    return Outcome(said, *_failures(call, report))


def _failures(call: Call, report: rebuilding.RebuildReport) -> tuple[str, int]:
    """A sentence for each batch that could not be replayed, and the exit code."""
    lines = [call.text("upkeep.failed", batch=batch, reason=reason) for batch, reason in report.failed]
    return "\n".join(lines), FAILED if lines else OK
