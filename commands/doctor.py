"""`doctor`: looks everything over, changes nothing, and says of each fault what to do."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from commands.lock import HomeLock
from commands.outcome import FAILED, OK, Call, Outcome, as_json, as_table
from commands.remote import ServerAddress, ask_ready, find_server
from errors import CockpitError

State = Literal["ok", "warning", "failed"]
LOW_DISK = 2 * 2**30


@dataclass(frozen=True)
class Finding:
    """What one look found."""

    check: str
    state: State
    detail: str


def doctor(call: Call) -> Outcome:
    """Run every check; exit 1 when one found a fault."""
    findings = list(examine(call))
    failed = any(finding.state == "failed" for finding in findings)
    if call.args.get("json"):
        out = as_json({"ok": not failed, "checks": [vars(finding) for finding in findings]})
    else:
        rows = [[call.text(f"doctor.{f.check}"), call.text(f"doctor.{f.state}"), f.detail] for f in findings]
        out = as_table([call.text(f"doctor.{name}") for name in ("check", "state", "detail")], rows)
    return Outcome(out, exit_code=FAILED if failed else OK)


def examine(call: Call) -> Iterator[Finding]:
    """The findings, one after another."""
    home = call.settings.home
    yield Finding("python", "ok" if sys.version_info >= (3, 11) else "failed", platform.python_version())
    yield Finding("settings", "ok", str(home / "config.toml") if (home / "config.toml").exists() else "–")
    home.mkdir(parents=True, exist_ok=True)
    yield Finding("home", "ok", str(home))
    free = shutil.disk_usage(home).free
    yield Finding("disk", "ok" if free > LOW_DISK else "warning", call.text("doctor.free", free=f"{free / 2**30:.1f}"))
    yield from _kinds(call)
    yield from _private(call, home)
    server = find_server(home)
    if server is not None:
        yield _by_server(call, server)
    else:
        yield Finding("server", "ok", call.text("doctor.not_running"))
        yield from _by_ourselves(call)
    yield _backups(call)


def _kinds(call: Call) -> Iterator[Finding]:
    import connectors

    broken = connectors.broken_kinds()
    detail = (
        call.text("doctor.broken_kinds", kinds=", ".join(f"{name} ({why})" for name, why in broken))
        if broken
        else str(len(connectors.kinds()))
    )
    yield Finding("kinds", "warning" if broken else "ok", detail)


def _private(call: Call, home: Path) -> Iterator[Finding]:
    """The files that only their owner may read (Windows keeps rights elsewhere)."""
    if sys.platform == "win32":
        return
    for name in ("secret.key", "ledger.sqlite", "server.json"):
        path = home / name
        if path.exists():
            shared = bool(path.stat().st_mode & 0o077)
            yield Finding(
                "secret",
                "failed" if shared else "ok",
                call.text("doctor.open_file", path=path) if shared else str(path),
            )


def _by_server(call: Call, server: ServerAddress) -> Finding:
    ready = ask_ready(server)
    detail = call.text("doctor.by_server", port=server.port, ready=call.text(f"doctor.{'ok' if ready else 'failed'}"))
    return Finding("server", "ok" if ready else "failed", detail)


def _by_ourselves(call: Call) -> Iterator[Finding]:
    """Open the files, which nobody else has open, and look into them."""
    lock = HomeLock(call.settings.home)
    if not lock.acquire():
        yield Finding("home", "warning", CockpitError("home_busy", home=call.settings.home, seconds=0).text(call.lang))
        return
    with lock:
        for check, look in (("ledger", _ledger), ("warehouse", _warehouse)):
            try:
                yield from look(call)
            except CockpitError as error:
                yield Finding(check, "failed", error.text(call.lang))


def _ledger(call: Call) -> Iterator[Finding]:
    from access import users
    from warehouse.ledger import Ledger

    with Ledger.open(call.settings) as ledger:
        verdict = ledger.one("PRAGMA integrity_check")
        whole = verdict is not None and next(iter(verdict.values())) == "ok"
        yield Finding("ledger", "ok" if whole else "failed", str(call.settings.ledger_file))
        broken = ledger.audit_broken_at()
        yield Finding(
            "audit",
            "ok" if broken is None else "failed",
            "" if broken is None else call.text("doctor.audit_broken", id=broken),
        )
        known = len(users.everyone(ledger))
        yield Finding("users", "ok" if known else "warning", str(known) if known else call.text("doctor.no_user"))


def _warehouse(call: Call) -> Iterator[Finding]:
    from warehouse import Warehouse

    with Warehouse.open(call.settings) as warehouse:
        batches = _number(warehouse, "SELECT count(*) FROM load_batch")
        yield Finding("warehouse", "ok", call.text("doctor.version", version=warehouse.data_version, batches=batches))
        rows = _number(warehouse, "SELECT count(*) FROM quarantine WHERE state = 'open'")
        yield Finding(
            "quarantine", "warning" if rows else "ok", call.text("doctor.open_rows", rows=rows) if rows else "0"
        )


def _number(warehouse: Any, sql: str) -> int:
    return int(warehouse.read(sql).column(0)[0].as_py())


def _backups(call: Call) -> Finding:
    folder = call.settings.backups
    found = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return Finding("backup", "ok" if found else "warning", found[-1] if found else call.text("doctor.no_backup"))
