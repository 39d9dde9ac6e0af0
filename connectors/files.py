"""The file door: `read_file` for a path, `read_archived` for bytes that were loaded before."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config import Settings, now
from connectors import bundle
from connectors.build import cut_rows, note
from connectors.kinds import ExportKind, kind_named, kinds
from connectors.mapping import MappingFile, MappingStore, layout_of, signature
from connectors.mapping_rows import read_mapped, replay_mapped
from connectors.mapping_set import read_set
from connectors.reading import Grid, open_grids
from connectors.recognise import Layout, continued, header_row, nearest, recognise
from errors import UserError
from warehouse.batch import Batch

_EPOCH = re.compile(r"^(1\d{9})(\d{3})?[_\-.]")


@dataclass(frozen=True)
class Request:
    """What the caller said about a file; kept in the batch's options, so that a replay reads it the same way."""

    kind: str | None = None
    mapping: MappingFile | None = None
    platform: str | None = None
    shop: str | None = None
    place: Mapping[str, str] | None = None
    observed_at: datetime | None = None
    source: str = "file"


def read_file(
    path: Path,
    *,
    kind: str | None = None,
    mapping: MappingFile | None = None,
    platform: str | None = None,
    shop: str | None = None,
    settings: Settings,
    store: MappingStore | None = None,
    source: str = "file",
) -> Iterator[Batch]:
    """The batches of a file: one for a text file, one a sheet of a workbook, one a member of a ZIP; of a ZIP that holds
    a mapping of a set of tables, those of the mapping.

    A batch must be loaded before the next one is asked for: copies made for reading are deleted then.
    `store` keeps mappings that people confirmed, by header; without it unknown files stay unknown.

    Raises:
        UserError: `file_missing`, `kind_not_found`, `unknown_kind` (fields: file, headers), `missing_columns`,
            `file_empty`, `no_rows`, `file_damaged`, `archive_too_large`, `archive_locked`, `archive_nested`,
            `bundle_mappings`, `mapping_alone`, and what `read_mapped` raises.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError("file_missing", file=path)
    if kind is not None and kind_named(kind) is None:
        raise UserError("kind_not_found", kind=kind, known=", ".join(known.id for known in kinds()))
    if kind is None and mapping is None and (told := bundle.mapping_of(path)) is not None:
        return read_mapped([path], told, platform=platform, shop=shop, settings=settings, source=source)
    request = Request(kind, mapping, platform, shop, source=source)
    return _batches(path, path.name, path, request, settings, store)


def read_archived(
    original: bytes | Path, file_name: str, options: Mapping[str, object], *, settings: Settings | None = None
) -> Iterator[Batch]:
    """The batch that these bytes gave when they were first loaded, from what `Batch.options` kept."""
    if options.get("source") == "doudian_api":
        from connectors.platforms.doudian import replay

        yield from replay(original if isinstance(original, bytes) else original.read_bytes(), file_name, options)
        return
    settings = settings or Settings()
    if "set" in options:
        yield from replay_mapped(original, read_set(json.loads(str(options["set"]))), options, settings)
        return
    with ExitStack() as stack:
        if isinstance(original, bytes):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            path = folder / "original"
            path.write_bytes(original)
        else:
            path = original
        mapping = options.get("mapping")
        request = Request(
            kind=str(options["kind"]),
            mapping=MappingFile.from_dict(json.loads(str(mapping))) if mapping else None,
            platform=str(options["platform"]),
            shop=str(options["shop"]),
            place={str(k): str(v) for k, v in json.loads(str(options.get("place") or "{}")).items()},
            observed_at=datetime.fromisoformat(str(options["observed_at"])),
            source=str(options.get("source", "file")),
        )
        yield from _batches(path, file_name.split("/")[0], original, request, settings, None)


def _batches(
    path: Path,
    name: str,
    original: Path | bytes,
    request: Request,
    settings: Settings,
    store: MappingStore | None,
) -> Iterator[Batch]:
    only = kind_named(request.kind) if request.kind else None
    left, waiting = _Left(name, only), None
    with tempfile.TemporaryDirectory(dir=_tmp(settings)) as folder:
        before = _headed(path, Path(folder), dict(request.place or {}), only)
        for grid in open_grids(path, Path(folder), dict(request.place or {})):
            found = None if grid.error else _recognise(grid, only, request.mapping, store)
            if found is not None:
                before = (grid.place, found[0])
            elif before is not None and (going_on := continued(grid, before[1])):
                grid = replace(grid, place={**grid.place, "head": before[0].get("sheet", "")})
                found = going_on, None
            if found is None:
                left.unknown.append(Grid(grid.place, grid.head, error=grid.error))
                continue
            try:
                batch = _batch(grid, *found, original, name, request, settings)
            except UserError as error:  # such as no rows: the other parts of the file may have some
                left.unknown.append(Grid(grid.place, grid.head, error=error))
                continue
            left.known.append(grid.place)
            if waiting is not None:
                yield waiting
            waiting = None
            if grid.table is None:
                yield batch  # its copy lives until the next grid is asked for
            else:
                waiting = batch  # a sheet waits, so that the last one can tell of those that nobody knows
    if waiting is not None:
        yield replace(waiting, notes=(*waiting.notes, *left.note()))
    left.complain()


def _headed(
    path: Path, folder: Path, place: dict[str, str], only: ExportKind | None
) -> tuple[dict[str, str], Layout] | None:
    """For a sheet that went on with the columns of another one when it was first read: that other one's layout."""
    head = place.pop("head", None)
    if not head:
        return None
    for grid in open_grids(path, folder, {**place, "sheet": head}):
        layout = recognise(grid, only)
        if layout is not None:
            return {"sheet": head}, layout
    return None


@dataclass
class _Left:
    """The parts of a file that gave no batch."""

    name: str
    only: ExportKind | None
    unknown: list[Grid] = field(default_factory=list)
    known: list[dict[str, str]] = field(default_factory=list)  # places of those that did

    def note(self) -> list[str]:
        """A remark on sheets that were passed over; blank ones are not worth a word."""
        sheets = [grid.place["sheet"] for grid in self.unknown if "sheet" in grid.place and grid.head]
        return [note("sheets_unknown", sheets=", ".join(sheets))] if sheets else []

    def complain(self) -> None:
        """Raise when nothing was recognised, or when a member of an archive was not."""
        told = [grid.error for grid in self.unknown if grid.error]
        if not self.known:
            raise told[0] if told else _not_known(self.name, self.unknown, self.only)
        read = {place.get("member") for place in self.known}
        missed = {grid.place["member"]: grid for grid in self.unknown if grid.place.get("member") not in read}
        errors = [
            grid.error or _not_known(self.name, [grid], self.only)
            for grid in missed.values()
            if grid.error or len(grid.head) > 1
        ]
        if errors:
            raise PartsLeft(self.name, len(self.known), errors)


class PartsLeft(UserError):
    """Some parts of an archive were not read, the others were; its text tells each one's reason."""

    def __init__(self, name: str, loaded: int, errors: list[UserError]) -> None:
        super().__init__("parts_left", file=name, loaded=loaded, left=len(errors))
        self.errors = errors

    def text(self, lang: str = "zh") -> str:
        return "\n".join([super().text(lang), *(f"- {error.text(lang)}" for error in self.errors)])


def _tmp(settings: Settings) -> Path | None:
    try:
        settings.tmp.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return settings.tmp


def _recognise(
    grid: Grid, only: ExportKind | None, mapping: MappingFile | None, store: MappingStore | None
) -> tuple[Layout, MappingFile | None] | None:
    if mapping is not None:
        layout = layout_of(grid, mapping)
        return (layout, mapping) if layout else None
    layout = recognise(grid, only)
    if layout is not None or store is None:
        return (layout, None) if layout else None
    saved = store.mapping_for(signature(header_row(grid)))
    if saved is None:
        return None
    mapping = MappingFile.from_dict(json.loads(saved))
    layout = layout_of(grid, mapping)
    return (layout, mapping) if layout else None


def _not_known(name: str, grids: list[Grid], only: ExportKind | None) -> UserError:
    grid = max(grids, key=lambda one: sum(map(len, (cells for _, cells in one.head))), default=None)
    if grid is None or not grid.head:
        return UserError("file_empty", file=name)
    where = "/".join([name, *grid.place.values()])
    if only is not None:
        missing, headers = nearest(grid, only)
        return UserError(
            "missing_columns",
            file=where,
            kind=only.id,
            missing=", ".join(missing),
            headers=", ".join(headers),
        )
    return UserError("unknown_kind", file=where, headers=", ".join(header for header in header_row(grid) if header))


def _observed(name: str, kind: ExportKind, request: Request, settings: Settings) -> datetime:
    """When the platform told this: the second in the file name where the kind has one, else now."""
    if request.observed_at is not None:
        return request.observed_at
    match = _EPOCH.match(name) if kind.epoch_in_name else None
    if match:
        moment = datetime.fromtimestamp(int(match.group(1)), ZoneInfo(settings.timezone))
        return moment.replace(tzinfo=None)
    return now(settings)


def _above(grid: Grid, layout: Layout, name: str) -> dict[str, str]:
    """Fields that have no column, as the rows above the header or the file's name tell them.

    Raises:
        UserError: `missing_columns` when neither does and the kind needs them.
    """
    kind, found = layout.kind, {}
    lines = [" ".join(cells) for number, cells in grid.head if number < layout.after]
    for field_name, pattern in kind.above.items():
        needs = [need.split("|") for need in kind.key if field_name in need.split("|")]
        if field_name in layout.columns or any(set(need) & set(layout.columns) for need in needs):
            continue
        texts = (re.search(pattern, text) for text in (*lines, Path(grid.place.get("member", name)).name))
        match = next((text for text in texts if text), None)
        if match:
            found[field_name] = match.group().replace("_", "~")  # names cannot hold every sign of a range
        elif needs:
            where, headers = "/".join([name, *grid.place.values()]), ", ".join(layout.headers)
            raise UserError(
                "missing_columns", file=where, kind=kind.id, missing=kind.usual_header(field_name), headers=headers
            )
    return found


def _unused(layout: Layout) -> list[str]:
    return [header for header, column in zip(layout.headers, layout.columns, strict=True) if header and column is None]


def _batch(
    grid: Grid,
    layout: Layout,
    mapping: MappingFile | None,
    original: Path | bytes,
    name: str,
    request: Request,
    settings: Settings,
) -> Batch:
    kind = layout.kind
    constants = (dict(mapping.constants) if mapping else {}) | _above(grid, layout, name)
    rows, remarks = cut_rows(grid, layout, constants)
    file_name = "/".join([name, *([grid.place["member"]] if "member" in grid.place else [])])
    if not len(grid.head) > sum(1 for number, _ in grid.head if number <= layout.after):
        raise UserError("no_rows", file=file_name, kind=kind.id, headers=", ".join(layout.headers))
    member = Path(grid.place.get("member", name)).name
    platform = request.platform or (mapping.platform if mapping else None) or kind.platform or "own"
    shop = request.shop or (mapping.shop if mapping else None) or settings.default_shop
    observed = _observed(member, kind, request, settings)
    options: dict[str, object] = {
        "source": request.source,
        "kind": kind.id,
        "platform": platform,
        "shop": shop,
        "observed_at": observed.isoformat(),
        "place": json.dumps(grid.place, ensure_ascii=False),
    }
    if mapping is not None:
        options["mapping"] = json.dumps(mapping.to_dict(), ensure_ascii=False)
    if mapping is not None and (unused := _unused(layout)):
        remarks.append(note("columns_unused", count=len(unused), columns=", ".join(unused[:12])))
    present = {*layout.columns, *constants}
    return Batch(
        request.source,
        kind.spec(present),
        platform,
        shop,
        original,
        file_name,
        rows,
        observed,
        options,
        notes=tuple(remarks),
    )
