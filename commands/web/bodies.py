"""Bodies of Dash's callbacks, checked before Dash reads them: a malformed one is the caller's fault, not ours."""

from __future__ import annotations

from typing import Any

import dash
import flask

from errors import UserError

UPDATE = "/_dash-update-component"
ADDRESS = frozenset({"pathname", "search", "href", "hash"})  # properties of `url`, which every callback reads as text


def register(app: dash.Dash) -> None:
    """Answer 400 to callbacks that nobody's page could have sent. Comes after the gate: strangers learn nothing."""

    @app.server.before_request
    def check_body() -> None:
        if flask.request.path == UPDATE and flask.request.method == "POST":
            check(flask.request.get_json(silent=True), app.callback_map)


def check(body: Any, known: dict[str, Any]) -> None:
    """Hold a body against the callbacks there are.

    Raises:
        UserError: `bad_body` or `bad_field`.
    """
    if not isinstance(body, dict):
        raise UserError("bad_body")
    output = body.get("output")
    if not isinstance(output, str) or output not in known:
        raise _bad("output", output)
    callback = known[output]
    for name, declared in (("inputs", "inputs"), ("state", "state")):
        given = body.get(name, [])
        if not isinstance(given, list) or len(given) != len(callback[declared]) or not all(map(_is_part, given)):
            raise _bad(name, given)
    outputs = body.get("outputs", [])
    if output.startswith(".."):  # several, as Dash writes them: ..a.children...b.data..
        fits = isinstance(outputs, list) and len(outputs) == output.count("...") + 1
    else:  # one; a callback that only acts has a hash for a name, a pattern stands for a list
        fits = isinstance(outputs, dict) or "." not in output or '["ALL"]' in output
    if not fits or not all(map(_is_part, outputs if isinstance(outputs, list) else [])):
        raise _bad("outputs", outputs)
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(one, str) for one in changed):
        raise _bad("changedPropIds", changed)


def _is_part(part: Any) -> bool:
    """An id, its property and a value; a pattern's place holds a list of them."""
    if isinstance(part, list):
        return all(isinstance(one, dict) and _is_part(one) for one in part)
    if not isinstance(part, dict) or not isinstance(part.get("id"), str | dict):
        return False
    if not isinstance(part.get("property"), str):
        return False
    text = part["id"] == "url" and part["property"] in ADDRESS
    return not text or part.get("value") is None or isinstance(part["value"], str)


def _bad(field: str, value: Any) -> UserError:
    return UserError("bad_field", field=field, value=str(value)[:100])
