"""The archive: the bytes as they came, compressed, named by their SHA-256; and the list of what was loaded from them.

The bytes are on disk before the transaction that uses them commits. `index.jsonl` is an append-only copy of
`load_batch`, so that the warehouse can be rebuilt when its file is gone.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard

from config import Settings
from errors import FatalError

_CHUNK = 1 << 20


def digest(original: Path | bytes) -> str:
    """SHA-256 of the original bytes, as hex."""
    if isinstance(original, bytes):
        return hashlib.sha256(original).hexdigest()
    with original.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Archive:
    """Originals under `home/archive/ab/abcdef….zst` and the list of loads `home/archive/index.jsonl`."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.archive
        self.folder.mkdir(parents=True, exist_ok=True)
        self.index = self.folder / "index.jsonl"

    def path_of(self, sha256: str) -> Path:
        """Where the bytes with this hash are kept."""
        return self.folder / sha256[:2] / f"{sha256}.zst"

    def keep(self, original: Path | bytes) -> str:
        """Keep the bytes; returns their SHA-256. Bytes that are here already are not written again."""
        sha256 = digest(original)
        target = self.path_of(sha256)
        if target.exists():
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as out:
                with zstandard.ZstdCompressor(level=1, threads=-1).stream_writer(out, closefd=False) as packed:
                    if isinstance(original, bytes):
                        packed.write(original)
                    else:
                        with original.open("rb") as stream:
                            shutil.copyfileobj(stream, packed, _CHUNK)
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return sha256

    def bytes_of(self, sha256: str) -> bytes:
        """The original bytes.

        Raises:
            FatalError: `archive_missing` when they are not here, `archive_damaged` when they are not what they were.
        """
        path = self.path_of(sha256)
        if not path.exists():
            raise FatalError("archive_missing", path=path)
        try:
            with path.open("rb") as stream, zstandard.ZstdDecompressor().stream_reader(stream) as unpacked:
                content: bytes = unpacked.read()
        except zstandard.ZstdError as error:
            raise FatalError("archive_damaged", path=path) from error
        if digest(content) != sha256:
            raise FatalError("archive_damaged", path=path)
        return content

    def record(self, *events: dict[str, Any]) -> None:
        """Append events to the list of loads and make sure they are on disk."""
        if not events:
            return
        lines = "".join(json.dumps(event, ensure_ascii=False, sort_keys=True, default=str) + "\n" for event in events)
        torn = self.index.exists() and not _ends_with_newline(self.index)
        with self.index.open("a", encoding="utf-8") as stream:
            stream.write("\n" + lines if torn else lines)
            stream.flush()
            os.fsync(stream.fileno())

    def events(self) -> Iterator[dict[str, Any]]:
        """The recorded events in order; a line torn by a power cut is passed over (its batch is in the warehouse)."""
        if not self.index.exists():
            return
        with self.index.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                try:
                    event = json.loads(line)
                except json.JSONDecodeError:
                    continue
                if isinstance(event, dict):
                    yield event


def live_records(archive: Archive) -> list[dict[str, Any]]:
    """The recorded batches in order of their number, without those that were removed since."""
    found: dict[int, dict[str, Any]] = {}
    for event in archive.events():
        if event.get("event") == "batch":
            found[event["batch_id"]] = event
        elif event.get("event") == "removed":
            for number in event["batches"]:
                found.pop(number, None)
    return [found[number] for number in sorted(found)]


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(0, os.SEEK_END)
        if stream.tell() == 0:
            return True
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
