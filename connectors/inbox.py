"""The inbox folder: whole files are loaded and moved to `done/`, failed ones to `failed/` with the reason beside them.

inbox/orders.csv                    platform and shop as the kind and the settings say
inbox/抖音@旗舰店/orders.csv          of this platform and shop
inbox/@旗舰店/orders.csv             of this shop
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from config import Settings, now
from connectors.exports._words import PLATFORMS
from connectors.files import read_file
from connectors.mapping import MappingStore
from errors import CockpitError, RetryableError, UserError
from i18n import LANGUAGES
from warehouse.batch import Batch, LoadReport

DONE, FAILED = "done", "failed"
_PARTIAL = (".crdownload", ".part", ".partial", ".download", ".tmp", ".filepart", ".opdownload", ".!ut")
_IGNORED = ("desktop.ini", "thumbs.db", "readme.md", "readme.txt")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class InboxOutcome:
    """What became of a file; `error` is None when it was loaded."""

    file: Path  # where it lay
    moved_to: Path | None  # where it lies now
    reports: tuple[LoadReport, ...] = ()
    error: CockpitError | None = None

    def __str__(self) -> str:
        rows = sum(report.accepted for report in self.reports)
        return f"{self.file.name}: {self.error.text('en') if self.error else f'{rows} rows'}"


def scan(
    settings: Settings,
    load: Callable[[Batch], LoadReport],
    *,
    store: MappingStore | None = None,
    clock: Callable[[], float] = time.time,
) -> list[InboxOutcome]:
    """Load every whole file of the inbox, oldest first. A file that is busy or still growing waits."""
    settings.inbox.mkdir(parents=True, exist_ok=True)
    outcomes = []
    for path in sorted(candidates(settings.inbox), key=lambda file: (_mtime(file), file.name)):
        if is_settled(path, settings.settle_seconds, clock()):
            outcome = _take(path, settings, load, store)
            if outcome is not None:
                outcomes.append(outcome)
    return outcomes


def candidates(inbox: Path) -> Iterator[Path]:
    """Files that people put there: not those already dealt with, hidden ones or downloads under way."""
    for entry in inbox.iterdir():
        if entry.is_dir() and entry.name not in (DONE, FAILED) and not entry.name.startswith("."):
            yield from (file for file in entry.iterdir() if file.is_file() and not _ignored(file.name))
        elif entry.is_file() and not _ignored(entry.name):
            yield entry


def _ignored(name: str) -> bool:
    lower = name.lower()
    return lower.startswith((".", "~$", "~")) or lower.endswith(_PARTIAL) or lower in _IGNORED


def _mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


_seen: dict[Path, tuple[int, int, float]] = {}


def is_settled(path: Path, seconds: float, clock: float) -> bool:
    """Whether size and time of change have been the same for `seconds`: seen over scans, or by the file's age."""
    try:
        stat = path.stat()
    except OSError:
        return False
    known = _seen.get(path)
    if known is None or known[:2] != (stat.st_size, stat.st_mtime_ns):
        _seen[path] = known = (stat.st_size, stat.st_mtime_ns, clock)
    quiet = max(clock - known[2], min(clock - stat.st_mtime, clock - stat.st_ctime))
    return quiet >= seconds


def owner_of(path: Path, inbox: Path) -> tuple[str | None, str | None]:
    """Platform and shop that the file's folder names (`抖音@旗舰店`, `抖音`, `@旗舰店`)."""
    if path.parent == inbox:
        return None, None
    platform, at, shop = path.parent.name.partition("@")
    codes = {word.lower(): code for code, words in PLATFORMS.items() for word in words}
    code = codes.get(platform.strip().lower())
    if not at and code is None:
        return None, platform.strip() or None
    return code, shop.strip() or None


def _take(
    path: Path, settings: Settings, load: Callable[[Batch], LoadReport], store: MappingStore | None
) -> InboxOutcome | None:
    platform, shop = owner_of(path, settings.inbox)
    reports: list[LoadReport] = []
    try:
        for batch in read_file(path, platform=platform, shop=shop, settings=settings, store=store):
            reports.append(load(batch))
    except RetryableError as error:
        log.info("%s waits: %s", path.name, error)
        return None
    except PermissionError as error:  # Windows: somebody still holds it open
        log.info("%s waits: %s", path.name, error)
        return None
    except CockpitError as error:
        return _set_aside(path, settings, tuple(reports), error)
    except Exception as error:  # one file that nobody foresaw must not stop the inbox for good
        log.exception("%s failed", path.name)
        detail = f"{type(error).__name__}: {error}"
        return _set_aside(path, settings, tuple(reports), UserError("inbox_unexpected", file=path.name, detail=detail))
    target = _move(path, settings.inbox / DONE / f"{now(settings):%Y-%m-%d}", settings.inbox)
    return InboxOutcome(path, target, tuple(reports))


def _set_aside(path: Path, settings: Settings, reports: tuple[LoadReport, ...], error: CockpitError) -> InboxOutcome:
    target = _move(path, settings.inbox / FAILED, settings.inbox)
    if target is not None:
        reason = "\n\n".join(error.text(lang) for lang in LANGUAGES)
        loaded = "".join(f"\n{report.kind}: {report.accepted} / {report.rows_read}" for report in reports)
        target.with_name(target.name + ".txt").write_text(reason + loaded + "\n", "utf-8")
    return InboxOutcome(path, target, reports, error)


def _move(path: Path, folder: Path, inbox: Path) -> Path | None:
    """Move a file, keeping its sub-folder and never writing over another; None when it could not be moved."""
    if path.parent != inbox:
        folder = folder / path.parent.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target, number = folder / path.name, 1
        while target.exists():
            number += 1
            target = folder / f"{path.stem}-{number}{path.suffix}"
        shutil.move(os.fspath(path), target)
    except OSError as error:
        log.warning("%s could not be moved: %s", path.name, error)
        return None
    _seen.pop(path, None)
    return target
