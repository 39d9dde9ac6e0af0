"""Files that nobody knows: a proposal from names and values, and the mapping a person confirms.

A mapping is TOML or JSON; docs/connectors.md documents it:

    kind = "doudian_orders"          # the kind whose fields the columns fill
    platform = "douyin"              # optional
    shop = "旗舰店"                   # optional
    [columns]                        # header in the file = field of the kind
    "单号" = "order_id"
    [constants]                      # optional: field = text for every row
    status = "已完成"
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Protocol

from connectors.kinds import Column, ExportKind, kind_named, kinds
from connectors.mapping_set import SetMapping, read_set
from connectors.reading import Grid
from connectors.reading.headers import normal, normal_row, tidy
from connectors.recognise import Layout, candidates, header_row, layout_at
from errors import UserError
from warehouse.parse import PROVINCES

_VALUES: dict[str, str] = {
    "id": r"[\t'`=\" ]*[A-Za-z0-9_-]{6,32}[\t\" ]*",
    "time": r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?([ T]?\d{1,2}[:时]\d{1,2}([:分]\d{1,2}秒?)?)?",
    "date": r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?",
    "epoch": r"1\d{9}",
    "money": r"[¥¥]?-?[\d,]+(\.\d{1,2})?",
    "fen": r"-?\d+",
    "int": r"-?[\d,]+",
    "number": r"-?[\d,]+(\.\d+)?",
    "rate": r"-?\d+(\.\d+)?%?",
    "province": rf"({'|'.join(PROVINCES)}).{{0,8}}",
    "bool": r"(是|否|true|false|0|1)",
}


class MappingStore(Protocol):
    """Where confirmed mappings are kept, by header signature: the ledger's table `mapping`."""

    def mapping_for(self, header_signature: str) -> str | None: ...

    def save_mapping(self, header_signature: str, mapping_json: str) -> None: ...


@dataclass(frozen=True)
class MappingFile:
    """Which column fills which field of a kind."""

    kind: str
    columns: Mapping[str, str]
    platform: str | None = None
    shop: str | None = None
    constants: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> MappingFile:
        """Check and take over a mapping.

        Raises:
            UserError: `mapping_invalid` with the field and what is wrong with it.
        """
        kind = kind_named(str(raw.get("kind", "")))
        if kind is None:
            raise UserError(
                "mapping_invalid",
                field="kind",
                detail=f"{raw.get('kind')!r}: {', '.join(k.id for k in kinds())}",
            )
        unknown = set(raw) - {"kind", "columns", "platform", "shop", "constants"}
        if unknown:
            raise UserError("mapping_invalid", field=", ".join(sorted(unknown)), detail="?")
        columns, constants = raw.get("columns") or {}, raw.get("constants") or {}
        fields = {column.field for column in kind.columns}
        for name, table in (("columns", columns), ("constants", constants)):
            if not isinstance(table, Mapping):
                raise UserError("mapping_invalid", field=name, detail=type(table).__name__)
        wrong = sorted({str(value) for value in columns.values()} | set(constants)) if fields else []
        wrong = [name for name in wrong if name not in fields]
        if wrong:
            raise UserError("mapping_invalid", field=", ".join(wrong), detail=", ".join(sorted(fields)))
        missing = kind.missing([*map(str, columns.values()), *constants])
        if missing:
            raise UserError("mapping_invalid", field=", ".join(missing), detail="missing")
        return cls(
            kind.id,
            {str(header): str(name) for header, name in columns.items()},
            _text(raw, "platform"),
            _text(raw, "shop"),
            {str(name): str(value) for name, value in constants.items()},
        )

    def to_dict(self) -> dict[str, Any]:
        """As it stands in JSON and in the ledger."""
        return {
            "kind": self.kind,
            "platform": self.platform,
            "shop": self.shop,
            "columns": dict(self.columns),
            "constants": dict(self.constants),
        }


def _text(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    return str(value) if value not in (None, "") else None


def load_mapping(path: Path) -> MappingFile | SetMapping:
    """Read a mapping from a `.json` or `.toml` file: of one file of a known kind, or (with `load`) of a set of tables.

    Raises:
        UserError: `file_missing`, `mapping_invalid`, `mapping_wrong`, `mapping_expression`.
    """
    try:
        text = path.read_text("utf-8-sig")
        raw = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except FileNotFoundError:
        raise UserError("file_missing", file=path) from None
    except (ValueError, OSError) as error:
        raise UserError("mapping_invalid", field=path.name, detail=error) from None
    if not isinstance(raw, dict):
        raise UserError("mapping_invalid", field=path.name, detail=type(raw).__name__)
    return read_set(raw, path.name, text) if "load" in raw or "source" in raw else MappingFile.from_dict(raw)


def signature(headers: Sequence[str]) -> str:
    """A name for a set of headers, whatever their order and spelling."""
    names = sorted(name for name in normal_row(headers) if name)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]


def remember(store: MappingStore, headers: Sequence[str], mapping: MappingFile) -> None:
    """Keep a confirmed mapping for the next file with these headers."""
    store.save_mapping(signature(headers), json.dumps(mapping.to_dict(), ensure_ascii=False))


def layout_of(grid: Grid, mapping: MappingFile) -> Layout | None:
    """Read a grid by a mapping: the header row is the one that holds all its columns; a header may also be `#1`, `#2` …

    (`#n` names the n-th column of a file without header.)
    """
    kind = kind_named(mapping.kind)
    assert kind is not None
    wanted = {normal(header): name for header, name in mapping.columns.items()}
    if wanted and all(re.fullmatch(r"#\d+", header) for header in wanted):
        width = max(len(cells) for _, cells in grid.head) if grid.head else 0
        columns = tuple(wanted.get(f"#{index + 1}") for index in range(width))
        return (
            Layout(kind, columns, tuple(f"#{i + 1}" for i in range(width)), 0, grid.head[0][0]) if grid.head else None
        )
    for index in candidates(grid):
        names = normal_row(grid.head[index][1])
        if set(wanted) <= set(names):
            return layout_at(grid, kind, index, tuple(wanted.get(name) for name in names))
    return None


@dataclass(frozen=True)
class Proposal:
    """A guess for the mapping page: per column the field proposed, and how sure the guess is (0 to 1)."""

    kind: str
    headers: tuple[str, ...]
    columns: dict[str, str]
    certainty: dict[str, float]
    sample: tuple[tuple[str, ...], ...]
    missing: tuple[str, ...]


def _likeness(header: str, column: Column) -> float:
    """How much a header looks like a field's known headers: equal, one within the other, or in shared signs."""
    name = normal(header)
    if not name:
        return 0.0
    best = 0.0
    for known in (*column.names, column.field.replace("_", "")):
        if name == known:
            return 1.0
        if min(len(known), len(name)) >= 2 and (known in name or name in known):
            best = max(best, 0.55 + 0.35 * min(len(known), len(name)) / max(len(known), len(name)))
        best = max(best, 0.8 * SequenceMatcher(None, name, known, autojunk=False).ratio())
    return best


def _fit(values: Sequence[str], column: Column) -> float:
    """The share of sample values that could be of the field's type."""
    pattern = _VALUES.get(column.type)
    filled = [value.strip() for value in values if value.strip() not in ("", "-", "--", "—")]
    if not filled:
        return 0.5
    return sum(bool(re.fullmatch(pattern, value)) for value in filled) / len(filled) if pattern else 0.6


def guess_mapping(grid: Grid, kind: str | None = None) -> list[Proposal]:
    """Proposals for a file that nobody knows, the best first: each column goes to the field it resembles most."""
    headers = header_row(grid)
    at = next((i for i in candidates(grid) if tidy(grid.head[i][1]) == headers), 0)
    rows = [cells for _, cells in grid.head[at + 1 :]][:20]
    among = [known for known in kinds() if kind in (None, known.id)]
    proposals = [_propose(known, headers, rows) for known in among]
    return sorted(proposals, key=lambda one: (len(one.missing), -sum(one.certainty.values())))


def _propose(kind: ExportKind, headers: tuple[str, ...], rows: Sequence[Sequence[str]]) -> Proposal:
    scores = []
    for index, header in enumerate(headers):
        values = [cells[index] for cells in rows if index < len(cells)]
        for column in kind.columns:
            likeness = _likeness(header, column)
            if likeness >= 0.3:
                scores.append((likeness * (0.4 + 0.6 * _fit(values, column)), index, column.field))
    columns: dict[str, str] = {}
    certainty: dict[str, float] = {}
    for score, index, name in sorted(scores, key=lambda one: -one[0]):
        if headers[index] not in columns and name not in columns.values():
            columns[headers[index]], certainty[headers[index]] = name, round(score, 3)
    sample = tuple(tidy(cells) for cells in rows[:5])
    return Proposal(kind.id, headers, columns, certainty, sample, kind.missing(columns.values()))
