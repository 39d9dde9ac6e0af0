"""Finding the server that owns a home folder and letting it do the work.

The server writes `COCKPIT_HOME/server.json` (readable by its owner only) with its address and a token made at start.
Whoever can read that file may give commands: it is the same right as running `app.py` in that folder.
The answer is a stream of JSON lines: `{"progress": [share, label]}` any number of times, then `{"outcome": {…}}`.
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from commands.outcome import Args, Outcome, Progress
from errors import FatalError

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 3600.0  # between two lines: a long load says something far more often


@dataclass(frozen=True)
class ServerAddress:
    """Where the running server listens for commands."""

    pid: int
    host: str
    port: int
    token: str
    boot: str = ""


def announce(home: Path, address: ServerAddress) -> None:
    """Write server.json whole and owner-only, so that no reader ever sees half of it."""
    path = home / "server.json"
    fresh = home / "server.json.new"
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(address), file)
    fresh.replace(path)


def withdraw(home: Path, address: ServerAddress) -> None:
    """Remove server.json if it is still ours."""
    if _read(home) == address:
        (home / "server.json").unlink(missing_ok=True)


def find_server(home: Path) -> ServerAddress | None:
    """The living server of a home folder, or None; what a dead one left behind is ignored."""
    address = _read(home)
    if address is None or not _answers(address):
        return None
    return address


def send(address: ServerAddress, command: str, args: Args, lang: str, progress: Progress | None = None) -> Outcome:
    """Let the server run a command and wait for its outcome.

    Raises:
        FatalError: `server_lost` when the connection breaks before the outcome is here.
    """
    body = json.dumps({"command": command, "args": args, "lang": lang}).encode()
    connection = http.client.HTTPConnection(address.host, address.port, timeout=ANSWER_SECONDS)
    try:
        connection.request("POST", "/_control", body, _headers(address))
        for message in _lines(connection.getresponse()):
            if "outcome" in message:
                return Outcome(**message["outcome"])
            if progress and "progress" in message:
                progress(*message["progress"])
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FatalError("server_lost", command=command, detail=error) from None
    finally:
        connection.close()
    raise FatalError("server_lost", command=command, detail="no outcome")


def _headers(address: ServerAddress) -> dict[str, str]:
    return {"Authorization": f"Bearer {address.token}", "Content-Type": "application/json"}


def _lines(response: http.client.HTTPResponse) -> Iterator[dict]:
    while line := response.readline():
        if line.strip():
            yield json.loads(line)


def _read(home: Path) -> ServerAddress | None:
    try:
        return ServerAddress(**json.loads((home / "server.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def ask_ready(address: ServerAddress) -> bool:
    """Whether the server calls itself ready (warehouse open, scheduler beating)."""
    return _get(address, "/readyz") == 200


def _answers(address: ServerAddress) -> bool:
    """True when the process at that address knows our token: a reused pid or port does not fool us."""
    return _get(address, "/_control") == 200


def _get(address: ServerAddress, path: str) -> int | None:
    connection = http.client.HTTPConnection(address.host, address.port, timeout=CONNECT_SECONDS)
    try:
        connection.request("GET", path, headers=_headers(address))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
