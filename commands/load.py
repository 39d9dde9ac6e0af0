"""`load`: files and folders into the warehouse, each batch in whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, cast

import connectors
from access.audit import FilesLoaded, record
from commands.outcome import FAILED, OK, QUARANTINED, Call, Outcome, as_json, as_table
from connectors.mapping_store import LedgerMappings
from errors import CockpitError, UserError
from warehouse.archive import digest
from warehouse.batch import LoadReport
from warehouse.load import try_out as try_batch

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".zip", ".gz", ".parquet")
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
    mapping = connectors.load_mapping(Path(call.args["mapping"])) if call.args.get("mapping") else None
    if isinstance(mapping, connectors.SetMapping):
        return _finish(call, files, _load_set(call, files, mapping))
    one = _try_one if call.args.get("dry_run") else _load_one
    done = Loaded()
    for number, path in enumerate(files):
        call.progress(number / len(files), path.name)
        try:
            for report in one(call, path, mapping, number / len(files), 1 / len(files)):
                done.reports.append(report)
        except CockpitError as error:
            done.failures.append(_told(path, error.text(call.lang)))
    return _finish(call, files, done)


def _finish(call: Call, files: list[Path], done: Loaded) -> Outcome:
    if done.reports and not call.args.get("dry_run"):
        _audit(call, files, done)
    return Outcome(_text(call, done), "\n".join(_remarks(call, done)), _exit_code(call, done))


def expand(paths: list[str]) -> Iterator[Path]:
    """Files as they are named; a folder stands for the data files in it, deep, by name.

    Raises:
        UserError: `file_missing`, `folder_empty`.
    """
    for name in paths:
        path = Path(name)
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if _is_data(file))
            if not found:
                raise UserError("folder_empty", file=path)
            yield from found
        elif path.exists():
            yield path
        else:
            raise UserError("file_missing", file=path)


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


def _is_data(file: Path) -> bool:
    return file.is_file() and file.suffix.lower() in SUFFIXES and not file.name.startswith((".", "~$"))


def _load_one(call: Call, path: Path, mapping: Any, begin: float, width: float) -> Iterator[LoadReport]:
    def progress(stage: str, share: float) -> None:
        call.progress(begin + width * min(max(share, 0.0), 1.0), f"{path.name} {stage}")

    args = call.args
    batches = connectors.read_file(
        path,
        kind=args.get("kind"),
        mapping=mapping,
        platform=args.get("platform"),
        shop=args.get("shop"),
        settings=call.settings,
        store=LedgerMappings(call.context.ledger),
    )
    for batch in batches:
        yield call.context.warehouse.load(batch, progress=progress)


def _try_one(call: Call, path: Path, mapping: Any, begin: float, width: float) -> Iterator[LoadReport]:
    """What loading would do as the warehouse stands."""
    from components.context import Context
    from components.loading import Asked, try_out

    args = call.args
    asked = Asked(args.get("kind"), args.get("platform"), args.get("shop"), mapping)
    known = {one.name for one in fields(LoadReport)}
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    found = try_out(
        cast(Context, call.context), path, asked, lambda share, stage: call.progress(begin + width * share, path.name)
    )
    for told in found:
        yield LoadReport(**{**{name: value for name, value in told.items() if name in known}, "sha256": sha256})


def _load_set(call: Call, files: list[Path], mapping: connectors.SetMapping) -> Loaded:
    """Load the batches of a set of tables, or try them out; what was loaded before one failed stays loaded."""
    args, done = call.args, Loaded()
    if args.get("kind"):
        raise UserError("mapping_set_kind")
    batches = connectors.read_mapped(
        files, mapping, platform=args.get("platform"), shop=args.get("shop"), settings=call.settings
    )
    warehouse = call.context.warehouse
    try:
        for number, batch in enumerate(batches):
            share = 1 - 0.5**number  # how many there will be is known when all are read
            call.progress(share, batch.file_name)
            if args.get("dry_run"):
                report = try_batch(warehouse.engine, batch, lambda stage, share: None)[0]
                done.reports.append(replace(report, sha256=digest(batch.original)))
            else:
                done.reports.append(warehouse.load(batch))
    except CockpitError as error:
        done.failures.append(error.text(call.lang))
    return done


def _audit(call: Call, files: list[Path], done: Loaded) -> None:
    names = ", ".join(path.name for path in files)[:500]
    accepted = sum(report.accepted for report in done.reports)
    actor = str(call.args.get("actor") or "system")
    record(call.context.ledger, FilesLoaded(actor, names, len(done.reports), accepted, done.quarantined))


def _told(path: Path, sentence: str) -> str:
    """The sentence with the file's name, unless it is in it."""
    return sentence if path.name in sentence else f"{path.name}: {sentence}"


def _exit_code(call: Call, done: Loaded) -> int:
    if done.failures:
        return FAILED
    return QUARANTINED if call.args.get("strict") and done.quarantined else OK


def _text(call: Call, done: Loaded) -> str:
    if call.args.get("json"):
        return reports_json(done.reports)
    return report_table(call, done.reports) if done.reports else ""


def _remarks(call: Call, done: Loaded) -> Iterator[str]:
    yield from done.failures
    for report in done.reports:
        for note in report.notes:
            yield f"{report.file}: {connectors.note_text(note, call.lang)}"
    if call.args.get("dry_run"):
        yield call.text("load.dry")
    elif done.quarantined:
        yield call.text("load.look", rows=done.quarantined)
