"""`/_control`: where commands from a terminal reach the running server. Loopback and server.json's token only."""

from __future__ import annotations

import hmac
import json
import logging
import queue
import threading
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import flask
from werkzeug.wrappers import Response

from access.gate import address, bearer_token, is_loopback
from commands.outcome import FAILED, Call, Outcome
from commands.registry import COMMANDS
from components.context import Context
from errors import CockpitError, UserError

log = logging.getLogger(__name__)


def register(server: flask.Flask, context: Context, token: str) -> None:
    """Answer commands that know `token`."""

    @server.route("/_control", methods=["GET", "POST"])
    def control() -> Response:
        if not is_loopback(address()) or not hmac.compare_digest((bearer_token() or "").encode(), token.encode()):
            raise UserError("not_found", path="/_control")
        if flask.request.method == "GET":
            return flask.jsonify({"ok": True})
        call, name = _call(context, flask.request.get_json(silent=True))
        return Response(_stream(name, call), mimetype="application/x-ndjson")


def _call(context: Context, body: Any) -> tuple[Call, str]:
    if not isinstance(body, dict) or not isinstance(body.get("args"), dict):
        raise UserError("bad_body")
    command = COMMANDS.get(str(body.get("command")))
    if command is None or not command.remote or command.needs != "home":
        raise UserError("bad_field", field="command", value=body.get("command"))
    lang = "en" if body.get("lang") == "en" else "zh"
    return Call(context.settings, body["args"], lang, opened=context), str(body["command"])


def _stream(name: str, call: Call) -> Iterator[str]:
    """Progress lines while the command runs in its own thread, then its outcome."""
    lines: queue.Queue[dict[str, Any]] = queue.Queue()

    def progress(share: float, label: str) -> None:
        lines.put({"progress": [share, label]})

    def work() -> None:
        lines.put({"outcome": asdict(_outcome(name, Call(call.settings, call.args, call.lang, progress, call.opened)))})

    threading.Thread(target=work, name=f"command {name}", daemon=True).start()
    while True:
        message = lines.get()
        yield json.dumps(message, ensure_ascii=False) + "\n"
        if "outcome" in message:
            return


def _outcome(name: str, call: Call) -> Outcome:
    try:
        return COMMANDS[name].function()(call)
    except CockpitError as error:
        return Outcome(err=error.text(call.lang), exit_code=FAILED)
    except Exception as error:  # the caller waits for an outcome, whatever broke
        log.exception("command %s broke", name)
        return Outcome(
            err=UserError("internal", path=name, reference=type(error).__name__).text(call.lang), exit_code=FAILED
        )
