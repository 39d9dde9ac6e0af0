"""`serve`: one process that owns the folder: the web app, the scheduler, and the door for commands."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from access import users
from access.gate import is_loopback
from commands import hooks
from commands.lock import HomeLock
from commands.outcome import OK, Call, silent
from commands.remote import ServerAddress, announce, find_server, withdraw
from commands.web.assemble import BODY_BYTES, WebApp, assemble
from commands.web.files import warm
from commands.web.warm import Warmer
from components.context import Context
from config import Settings
from errors import UserError
from i18n import text
from metrics import definitions, limits

log = logging.getLogger(__name__)
LOCK_SECONDS = 30.0


@dataclass
class Running:
    """A server that answers; `stop()` ends it gracefully and may be called from any thread, more than once."""

    web: WebApp
    address: ServerAddress
    _server: Any
    _thread: threading.Thread
    _cleanup: ExitStack

    @property
    def url(self) -> str:
        host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
        return f"http://{host}:{self.address.port}"

    def stop(self) -> None:
        """Answer what is being answered, then close everything in the reverse order of its opening."""
        self._cleanup.close()

    def wait(self) -> None:
        """Until the server ends; short waits, so that Ctrl-C is heard on Windows too."""
        while self._thread.is_alive():
            self._thread.join(0.5)


def serve(settings: Settings, lang: str, *, demo: bool = False) -> int:
    """Start, tell where, and run until told to stop.

    Raises:
        CockpitError: `server_running`, `home_busy`, `port_taken`, or what opening the warehouse raises.
    """
    _logging(settings)
    _hear_signals()  # before anybody can find the server, so that no signal meets Python's own handler
    running = start(settings, demo=demo, warm_seconds=settings.warm_seconds)
    gc.freeze()  # modules and pages stay: a full collection would walk through all of them each time
    try:
        for line in greeting(running, lang, demo=demo):
            print(line, file=sys.stderr, flush=True)
        if demo:
            _demo(running, lang)
        running.wait()
    except KeyboardInterrupt:
        pass
    finally:
        running.stop()
    return OK


def start(settings: Settings, *, demo: bool = False, warm_seconds: float = 0) -> Running:
    """Open the folder and answer on the network; returns as soon as the port listens.

    With `warm_seconds` the first page is computed ahead, at most so often.
    """
    with ExitStack() as stack:
        lock = HomeLock(settings.home)
        _acquire(lock, settings)
        stack.callback(lock.release)
        context = _context(settings, stack)
        loopback = is_loopback(settings.host)
        web = assemble(context, open_demo=demo and loopback and not users.anyone(context.ledger))
        hooks.install(context)
        _first_user(context, loopback)
        _start_jobs(context, stack)
        server = _listen(web, settings)
        thread = threading.Thread(target=server.run, name="web", daemon=True)
        stack.callback(_close_server, server, thread)
        thread.start()
        own = "127.0.0.1" if settings.host in ("0.0.0.0", "") else "::1" if settings.host == "::" else settings.host
        address = ServerAddress(os.getpid(), own, int(server.effective_port), web.token, str(context.flags["boot"]))
        announce(settings.home, address)
        stack.callback(withdraw, settings.home, address)
        warm(web.dash, web.files)
        if warm_seconds > 0:
            stack.callback(Warmer(context, warm_seconds).start().stop)
        return Running(web, address, server, thread, stack.pop_all())


def greeting(running: Running, lang: str, *, demo: bool) -> list[str]:
    """What the terminal says at the start."""
    context, shown = running.web.context, running.url
    lines = [text("commands.serve.ready", lang, url=shown)]
    password = context.flags.pop("admin_password", None)
    if password:
        lines.append(text("commands.serve.admin", lang, password=password))
    elif context.flags.get("open"):
        lines.append(text("commands.serve.open", lang))
    elif not users.anyone(context.ledger):
        lines.append(text("commands.serve.setup", lang, url=f"{shown}/setup"))
    if demo and not context.flags.get("open"):
        lines.append(text("commands.serve.closed", lang))
    lines.extend(f"! {warning}" for warning in context.warnings)
    return lines


def _acquire(lock: HomeLock, settings: Settings) -> None:
    """Wait for a command that is at work in the folder; another server is told apart."""
    deadline = time.monotonic() + LOCK_SECONDS
    while not lock.acquire():
        server = find_server(settings.home)
        if server is not None:
            raise UserError("server_running", port=server.port)
        if time.monotonic() > deadline:
            raise UserError("home_busy", home=settings.home, seconds=int(LOCK_SECONDS))
        time.sleep(0.1)


def _context(settings: Settings, stack: ExitStack) -> Context:
    from warehouse import Warehouse
    from warehouse.ledger import Ledger

    ledger = Ledger.open(settings)
    stack.callback(ledger.close)
    definitions.read(ledger)
    stack.callback(definitions.forget, ledger)
    limits.read(ledger, settings)
    stack.callback(limits.forget, settings)
    warehouse = Warehouse.open(settings)
    stack.callback(warehouse.close)
    return Context(settings=settings, warehouse=warehouse, ledger=ledger)


def _first_user(context: Context, loopback: bool) -> None:
    """Whoever reaches the server only over the network cannot see /setup, so the first admin is made here."""
    if not loopback and not users.anyone(context.ledger):
        context.flags["admin_password"] = users.add(context.ledger, "admin", "admin", actor="setup")


def _start_jobs(context: Context, stack: ExitStack) -> None:
    import jobs

    scheduler = jobs.start(context)
    stack.callback(scheduler.stop)
    context.flags["scheduler"] = scheduler
    context.flags["scheduler_beats"] = hooks.beating(scheduler)


def _listen(web: WebApp, settings: Settings) -> Any:
    from waitress.server import create_server

    options: dict[str, Any] = {
        "host": settings.host, "port": settings.port, "threads": settings.web_threads,
        "ident": None, "clear_untrusted_proxy_headers": False,
        "channel_timeout": 120, "connection_limit": 1000, "asyncore_use_poll": True,
        "max_request_body_size": 2 * BODY_BYTES,  # it is taken in before anybody knows who sends it
    }  # fmt: skip
    if settings.trusted_proxy:
        options |= {
            "trusted_proxy": settings.trusted_proxy,
            "trusted_proxy_count": 1,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
        }
    try:
        return create_server(web.server, **options)
    except OSError as error:
        raise UserError("port_taken", host=settings.host, port=settings.port, detail=error.strerror or error) from None
    except (ValueError, socket.gaierror) as error:
        raise UserError("port_taken", host=settings.host, port=settings.port, detail=error) from None


def _close_server(server: Any, thread: threading.Thread) -> None:
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)
    server.close()
    thread.join(5)


def _hear_signals() -> None:
    """SIGTERM ends the server as Ctrl-C does; the work is done outside the handler."""
    if threading.current_thread() is not threading.main_thread():
        return

    def leave(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), leave)


def _demo(running: Running, lang: str) -> None:
    """Load the demo shop while the port already answers; pages fill as the data version moves."""
    from commands.demo import load
    from commands.progress_bar import ProgressBar

    context = running.web.context
    bar = ProgressBar() if sys.stderr.isatty() else None

    if not context.warehouse.data_version:
        print(text("commands.serve.loading", lang), file=sys.stderr, flush=True)
    progress = bar.show if bar else silent
    with hooks.demo_loading(context):
        outcome = load(Call(context.settings, {"if_empty": True}, lang, progress, context))
    if bar:
        bar.clear()
    for line in (outcome.out, outcome.err):
        if line:
            print(line, file=sys.stderr, flush=True)


def _logging(settings: Settings) -> None:
    """Warnings to the terminal, everything of note to a file that does not grow without end."""
    from logging.handlers import RotatingFileHandler

    folder: Path = settings.home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    file = RotatingFileHandler(folder / "cockpit.log", maxBytes=5 * 2**20, backupCount=5, encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    screen = logging.StreamHandler()
    screen.setLevel(logging.WARNING)
    screen.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a queue of one is no news
    logging.basicConfig(level=logging.INFO, handlers=[file, screen], force=True)
