"""A set of tables in one file: a ZIP that holds a mapping of the set beside the tables it speaks of."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from connectors.mapping import load_mapping
from connectors.mapping_set import SetMapping
from errors import UserError

SUFFIXES = (".toml", ".json")
LARGEST = 1 << 20


def mapping_of(path: Path) -> SetMapping | None:
    """The mapping inside a ZIP; None where the file is none or holds none.

    Raises:
        UserError: `bundle_mappings` for several of them, `mapping_alone` for a mapping without its tables; what is
            wrong with the mapping, as `load_mapping` tells it.
    """
    if path.suffix.lower() == ".toml":
        alone = load_mapping(path)
        told = [one.file for one in alone.sources.values()] if isinstance(alone, SetMapping) else []
        raise UserError("mapping_alone", file=path.name, tables=", ".join(told) or "*.csv")
    if not zipfile.is_zipfile(path):
        return None
    found = [one for one in _members(path) if isinstance(one, SetMapping)]
    if len(found) > 1:
        raise UserError("bundle_mappings", file=path.name, names=", ".join(one.name for one in found))
    return found[0] if found else None


def _members(path: Path) -> list[object]:
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        loaded: list[object] = []
        for info in archive.infolist():
            name = PurePosixPath(info.filename.replace("\\", "/"))
            if name.suffix.lower() not in SUFFIXES or name.name.startswith((".", "_")) or info.is_dir():
                continue
            if info.file_size > LARGEST or info.flag_bits & 1:
                continue
            text = archive.read(info)
            if name.suffix.lower() == ".json" and b'"load"' not in text:
                continue  # data, not a mapping
            copy = Path(folder) / name.name
            copy.write_bytes(text)
            loaded.append(load_mapping(copy))
        return loaded
