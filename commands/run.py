"""Carrying out a command by the right road: in the server that owns the folder, or here.

DuckDB allows one process, so a command first looks for a running server. Without one it takes the folder's lock and
opens the warehouse itself; when another command holds the lock it waits for a bounded time instead of failing.
"""

from __future__ import annotations

import os
import secrets
import time
import tomllib
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from commands.lock import HomeLock
from commands.outcome import FAILED, Args, Call, OpenHome, Outcome, Progress, silent
from commands.registry import COMMANDS, Command
from config import Settings, load_settings, now
from errors import CockpitError, UserError

if TYPE_CHECKING:
    from commands.remote import ServerAddress

WAIT_SECONDS = 60.0
POLL_SECONDS = 0.1


def speech(settings: Settings, environ: Mapping[str, str] | None = None) -> str:
    """The language to answer in: what is configured, else what the terminal speaks, else Chinese."""
    env = os.environ if environ is None else environ
    if "COCKPIT_LANGUAGE" in env or _configured_language(settings):
        return settings.language
    terminal = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "en" if terminal.lower().startswith("en") else settings.language


def run(name: str, args: Args, progress: Progress = silent) -> Outcome:
    """Carry out a command; every error this product raises on purpose becomes one sentence and exit code 1."""
    lang, settings = "zh", Settings()
    try:
        settings = load_settings()
        lang = speech(settings)
        return carry_out(settings, name, args, lang, progress)
    except CockpitError as error:
        return Outcome(err=error.text(lang), exit_code=FAILED)
    except Exception as error:
        return Outcome(err=_kept(settings, name, error).text(lang), exit_code=FAILED)


def _kept(settings: Settings, name: str, error: Exception) -> UserError:
    """A fault of our own: the traceback goes to the log, the person gets a sentence and a reference to it."""
    reference = secrets.token_hex(4)
    folder = settings.home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "cockpit.log").open("a", encoding="utf-8") as file:
        file.write(f"{now(settings):%Y-%m-%d %H:%M:%S} ERROR commands.run: {reference} at `{name}`\n")
        file.writelines(traceback.format_exception(error))
    return UserError("internal", path=f"`{name}`", reference=reference)


def carry_out(settings: Settings, name: str, args: Args, lang: str, progress: Progress = silent) -> Outcome:
    """The same with the settings at hand.

    Raises:
        CockpitError: whatever the command raises; `home_busy` when another command kept the folder too long.
    """
    command = COMMANDS[name]
    call = Call(settings, args, lang, progress)
    if command.needs == "nothing":
        return command.function()(call)
    with _owner(settings, command) as server:
        if server is not None:
            from commands.remote import send

            return send(server, name, args, lang, progress)
        if command.needs == "lock":
            return command.function()(call)
        with opened(settings) as context:
            return command.function()(Call(settings, args, lang, progress, context))


@contextmanager
def opened(settings: Settings) -> Iterator[OpenHome]:
    """Warehouse and ledger of a folder whose lock this process holds."""
    from metrics import definitions, limits
    from warehouse import Warehouse
    from warehouse.ledger import Ledger

    ledger = Ledger.open(settings)
    definitions.read(ledger)
    limits.read(ledger, settings)
    try:
        warehouse = Warehouse.open(settings)
        try:
            yield OpenHome(settings, warehouse, ledger)
        finally:
            warehouse.close()
    finally:
        definitions.forget(ledger)
        limits.forget(settings)
        ledger.close()


@contextmanager
def _owner(settings: Settings, command: Command) -> Iterator[ServerAddress | None]:
    """Yield the running server, or None with the folder's lock held."""
    from commands.remote import find_server

    lock = HomeLock(settings.home)
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        server = find_server(settings.home)
        if server is not None and command.remote:
            yield server
            return
        if server is not None:
            raise UserError("server_running", port=server.port)
        if lock.acquire():
            break
        if time.monotonic() > deadline:
            raise UserError("home_busy", home=settings.home, seconds=int(WAIT_SECONDS))
        time.sleep(POLL_SECONDS)
    with lock:
        yield None


def _configured_language(settings: Settings) -> bool:
    try:
        return "language" in tomllib.loads((settings.home / "config.toml").read_text("utf-8-sig"))
    except OSError:
        return False
