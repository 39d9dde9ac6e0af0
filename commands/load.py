"""`load`: files and folders into the warehouse, each batch in whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import connectors
from access.audit import FilesLoaded, record
from commands.outcome import FAILED, OK, QUARANTINED, Call, Outcome, as_json, as_table
from connectors.mapping import load_mapping
from errors import CockpitError, UserError
from warehouse.batch import LoadReport

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".zip", ".gz")
JSON_FIELDS = ("file", "kind", "sha256", "rows_read", "accepted", "unchanged", "quarantined", "batch_id", "seconds")


@dataclass
class Loaded:
    """What became of the files of one call."""

    reports: list[LoadReport] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def quarantined(self) -> int:
        return sum(report.quarantined for report in self.reports)


def load(call: Call) -> Outcome:
    """Load every file named; a file that fails does not stop the others, but the exit code tells."""
    files = list(expand(call.args["paths"]))
    mapping = load_mapping(Path(call.args["mapping"])) if call.args.get("mapping") else None
    done = Loaded()
    for number, path in enumerate(files):
        _load_one(call, path, mapping, done, number, len(files))
    if done.reports and not call.args.get("dry_run"):
        record(
            call.context.ledger,
            FilesLoaded(
                call.args.get("actor") or "system",
                ", ".join(path.name for path in files)[:500],
                len(done.reports),
                sum(report.accepted for report in done.reports),
                done.quarantined,
            ),
        )
    return Outcome(_text(call, done), "\n".join(_remarks(call, done)), _exit_code(call, done))


def expand(paths: list[str]) -> Iterator[Path]:
    """Files as they are named; a folder stands for the data files in it, deep, by name.

    Raises:
        UserError: `file_missing`, `folder_empty`.
    """
    for name in paths:
        path = Path(name)
        if path.is_dir():
            found = sorted(
                file
                for file in path.rglob("*")
                if file.is_file() and file.suffix.lower() in SUFFIXES and not file.name.startswith((".", "~$"))
            )
            if not found:
                raise UserError("folder_empty", file=path)
            yield from found
        elif path.exists():
            yield path
        else:
            raise UserError("file_missing", file=path)


def _load_one(call: Call, path: Path, mapping: Any, done: Loaded, number: int, total: int) -> None:
    args = call.args

    def progress(stage: str, share: float) -> None:
        call.progress((number + min(max(share, 0.0), 1.0)) / total, f"{path.name} {stage}")

    call.progress(number / total, path.name)
    try:
        batches = connectors.read_file(
            path,
            kind=args.get("kind"),
            mapping=mapping,
            platform=args.get("platform"),
            shop=args.get("shop"),
            settings=call.settings,
        )
        for batch in batches:
            done.reports.append(call.context.warehouse.load(batch, progress=progress))
    except CockpitError as error:
        done.failures.append(f"{path.name}: {error.text(call.lang)}")


def _exit_code(call: Call, done: Loaded) -> int:
    if done.failures:
        return FAILED
    return QUARANTINED if call.args.get("strict") and done.quarantined else OK


def reports_json(reports: list[LoadReport]) -> str:
    """What became of batches, in the JSON of CONTRACT.md."""
    return as_json({"batches": [{name: asdict(report)[name] for name in JSON_FIELDS} for report in reports]})


def report_table(call: Call, reports: list[LoadReport]) -> str:
    """The same for people."""
    heads = ("file", "kind", "rows_read", "accepted", "unchanged", "quarantined", "seconds")
    rows = [
        [report.file, report.kind, *(f"{getattr(report, name):,}" for name in heads[2:6]), f"{report.seconds:.2f}"]
        for report in reports
    ]
    return as_table([call.text(f"load.{name}") for name in heads], rows)


def _text(call: Call, done: Loaded) -> str:
    if call.args.get("json"):
        return reports_json(done.reports)
    return report_table(call, done.reports) if done.reports else ""


def _remarks(call: Call, done: Loaded) -> Iterator[str]:
    yield from done.failures
    for report in done.reports:
        for note in report.notes:
            yield f"{report.file}: {connectors.note_text(note, call.lang)}"
    if done.quarantined:
        yield call.text("load.look", rows=done.quarantined)
