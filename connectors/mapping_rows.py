"""From a set mapping and files to batches: tables read as text, joined by key in memory, one batch a load and file."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

import pyarrow as pa

from config import Settings, now
from connectors.build import note
from connectors.mapping_join import Base, joined
from connectors.mapping_set import Load, SetMapping, SourceTable, read_set
from connectors.mapping_spec import Plan, plan_of
from connectors.reading import Grid, open_grids
from connectors.reading.plain import Missing, read_columns
from errors import UserError
from warehouse.batch import Batch, RowSpec, TableRows


@dataclass(frozen=True)
class Asked:
    """What the caller said, and what a replay repeats: `only` is a load of the mapping and the file of its rows."""

    platform: str | None = None
    shop: str | None = None
    observed_at: datetime | None = None
    source: str = "file"
    only: tuple[int, str] | None = None


@dataclass
class _Table:
    """A file's part of a source: its rows as text, columns under the names the mapping gives them."""

    path: Path
    name: str  # of the file, within an archive of the member
    rows: TableRows
    notes: list[str]


@dataclass
class _Found:
    """The tables of every source."""

    tables: dict[str, list[_Table]] = field(default_factory=dict)

    def of(self, source: str) -> list[_Table]:
        return self.tables.get(source, [])

    def whole(self, source: str) -> pa.Table:
        """All files of a source as one table, for joins."""
        return pa.concat_tables([one.rows.table for one in self.of(source)])

    def paths(self) -> list[Path]:
        return list(dict.fromkeys(one.path for tables in self.tables.values() for one in tables))


def read_mapped(
    paths: Sequence[Path],
    mapping: SetMapping,
    *,
    platform: str | None = None,
    shop: str | None = None,
    settings: Settings,
    source: str = "file",
) -> Iterator[Batch]:
    """The batches of a set of files: for each load of the mapping one for each file of its rows.

    A batch must be loaded before the next one is asked for. Raises:
        UserError: `file_missing`, `mapping_no_file`, `mapping_no_column`, `mapping_not_unique`, `mapping_no_number`,
            `mapping_join`, and what reading a file raises.
    """
    yield from _batches([Path(path) for path in paths], mapping, Asked(platform, shop, source=source), settings)


def replay_mapped(
    original: bytes | Path, mapping: SetMapping, options: Mapping[str, object], settings: Settings
) -> Iterator[Batch]:
    """The batch that archived bytes gave when they were first loaded."""
    with tempfile.TemporaryDirectory() as folder:
        names = json.loads(str(options["files"]))
        path = Path(folder) / ("bundle.zip" if len(names) > 1 else names[0])
        path.write_bytes(original if isinstance(original, bytes) else original.read_bytes())
        asked = Asked(
            str(options["platform"]),
            str(options["shop"]),
            datetime.fromisoformat(str(options["observed_at"])),
            str(options.get("source", "file")),
            (int(str(options["load"])), str(options["rows"])),
        )
        yield from _batches([path], mapping, asked, settings)


def spec_again(options: str) -> RowSpec | None:
    """What the rows of a stored batch mean, from its options (JSON), when a mapping of a set made it."""
    told = json.loads(options)
    if "set" not in told:
        return None
    mapping = read_set(json.loads(str(told["set"])))
    index = int(told["load"])
    load = mapping.loads[index]
    return plan_of(load, mapping.values).spec(mapping.kind(index), mapping.values.get(load.status or "", {}))


def _batches(paths: list[Path], mapping: SetMapping, asked: Asked, settings: Settings) -> Iterator[Batch]:
    for path in paths:
        if not path.is_file():
            raise UserError("file_missing", file=path)
    plans = [plan_of(load, mapping.values) for load in mapping.loads]
    settings.tmp.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.tmp) as folder:
        found = _read_sources(paths, mapping, plans, Path(folder))
        original = _original(found.paths(), Path(folder))
        for index, (load, plan) in enumerate(zip(mapping.loads, plans, strict=True)):
            for table in found.of(load.base):
                if asked.only in (None, (index, table.name)):
                    yield _batch(mapping, index, plan, table, found, original, asked, settings)


def _read_sources(paths: list[Path], mapping: SetMapping, plans: list[Plan], folder: Path) -> _Found:
    """Every source that a load needs, each file once; files that no source asks for are passed over."""
    needs: dict[str, dict[str, str]] = {}
    for plan in plans:
        for name, columns in plan.needs.items():
            needs.setdefault(name, {}).update(columns)
    found, missed = _Found(), dict[str, Missing]()
    for path in paths:
        archive = path.suffix.lower() in (".zip", ".gz")
        if not archive and not any(_fits(path.name, mapping.sources[name]) for name in needs):
            continue
        for grid in open_grids(path, folder):
            if grid.error:
                raise grid.error
            _take(grid, path, mapping, needs, found, missed)
    for name in needs:
        if not found.of(name):
            raise _not_found(mapping.sources[name], paths, missed.get(name))
    return found


def _take(
    grid: Grid,
    path: Path,
    mapping: SetMapping,
    needs: Mapping[str, Mapping[str, str]],
    found: _Found,
    missed: dict[str, Missing],
) -> None:
    """Give a grid to the sources whose pattern and columns fit."""
    name = Path(grid.place.get("member") or path.name).name
    for key, columns in needs.items():
        source = mapping.sources[key]
        sheet = grid.place.get("sheet", "")
        if not _fits(name, source) or (source.sheet and not fnmatchcase(sheet.casefold(), source.sheet.casefold())):
            continue
        try:
            rows, notes = read_columns(grid, columns, source.columns)
        except Missing as missing:
            missed.setdefault(key, missing)
            continue
        found.tables.setdefault(key, []).append(_Table(path, name, rows, notes))


def _fits(name: str, source: SourceTable) -> bool:
    return fnmatchcase(name.casefold(), source.file.casefold())


def _not_found(source: SourceTable, paths: list[Path], missing: Missing | None) -> UserError:
    if missing is None:
        names = ", ".join(path.name for path in paths)
        return UserError("mapping_no_file", source=source.name, pattern=source.file, files=names)
    return UserError(
        "mapping_no_column",
        source=source.name,
        pattern=source.file,
        missing=", ".join(missing.columns),
        headers=", ".join(missing.headers),
    )


def _original(paths: list[Path], folder: Path) -> Path:
    """What the archive keeps: the file, or one bundle of all files, the same bytes whenever it is made of the same."""
    if len(paths) == 1:
        return paths[0]
    bundle = folder / "bundle.zip"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_STORED) as archive:
        for number, path in enumerate(sorted(paths, key=lambda one: one.name), 1):
            info = zipfile.ZipInfo(f"{number}/{path.name}", (1980, 1, 1, 0, 0, 0))
            with path.open("rb") as stream, archive.open(info, "w", force_zip64=True) as target:
                while block := stream.read(1 << 20):
                    target.write(block)
    return bundle


def _batch(
    mapping: SetMapping,
    index: int,
    plan: Plan,
    table: _Table,
    found: _Found,
    original: Path,
    asked: Asked,
    settings: Settings,
) -> Batch:
    load: Load = mapping.loads[index]
    if not table.rows.table.num_rows and not table.rows.torn:
        raise UserError("no_rows", file=table.name, kind=mapping.kind(index), headers=", ".join(table.rows.headers))
    others = {join.alias: found.whole(join.source) for join in load.joins}
    rows = joined(Base(load, plan, mapping.values), table.rows, others)
    torn = [(join.source, sum(len(one.rows.torn) for one in found.of(join.source))) for join in load.joins]
    notes = [*table.notes, *(note("joined_torn", source=name, count=count) for name, count in torn if count)]
    platform, shop = asked.platform or mapping.platform or "own", asked.shop or mapping.shop or settings.default_shop
    observed = asked.observed_at or now(settings)
    options: dict[str, object] = {
        "source": asked.source,
        "kind": mapping.kind(index),
        "platform": platform,
        "shop": shop,
        "observed_at": observed.isoformat(),
        "set": json.dumps(mapping.raw, ensure_ascii=False, default=str),
        "load": index,
        "rows": table.name,
        "files": json.dumps([path.name for path in found.paths()], ensure_ascii=False),
    }
    spec = plan.spec(mapping.kind(index), mapping.values.get(load.status or "", {}))
    return Batch(asked.source, spec, platform, shop, original, table.name, rows, observed, options, notes=tuple(notes))
