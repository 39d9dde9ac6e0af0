"""`/api/v1/…` for programs: the catalogue, the questions of the command line, and the tick that open pages watch."""

from __future__ import annotations

import json
from typing import Any

import flask

import alerts
from access import current_user, scope_for
from access.gate import viewer
from commands import explain as why
from commands.listing import catalogue
from commands.query import answer, ask
from commands.words import COMPARISONS, GRAINS
from components.context import current, lang
from errors import UserError

FIELDS = frozenset(
    {
        "metrics",
        "by",
        "grain",
        "period",
        "start",
        "end",
        "where",
        "compare",
        "limit",
        "order",
        "as_known",
        "expected",
        "sql",
    }
)
EXPLAIN_FIELDS = frozenset({"metric", "by", "where", "start", "end", "base_start", "base_end"})

blueprint = flask.Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/metrics")
def metrics() -> flask.Response:
    """The catalogue, without what the asker may not see."""
    hidden = scope_for(current_user(), current().warehouse).hidden
    return flask.jsonify({"metrics": [row for row in catalogue() if row["id"] not in hidden]})


@blueprint.post("/query")
def query() -> flask.Response:
    """One question; the body has the fields of the command line."""
    args = _checked(flask.request.get_json(silent=True))
    context = current()
    result = ask(context.warehouse, args, scope_for(current_user(), context.warehouse))
    told = answer(args, result)
    if args.get("sql"):
        told["sql"] = result.sql
    return flask.jsonify(told)


@blueprint.post("/explain")
def explain() -> flask.Response:
    """Why a number changed; the body has the fields of the command line."""
    args = _fields(flask.request.get_json(silent=True), EXPLAIN_FIELDS)
    _check("metric", args.get("metric"), isinstance(args.get("metric"), str))
    for name in ("by", "where"):
        _check(name, args.get(name), _is_words(args.get(name)) or name == "where" and _is_filters(args.get(name)))
    for name in ("start", "end", "base_start", "base_end"):
        _check(name, args.get(name), args.get(name) is None or isinstance(args[name], str))
    context = current()
    told = why.ask(context.warehouse, args, scope_for(current_user(), context.warehouse))
    return flask.jsonify(why.payload(context.warehouse, told, lang()))


@blueprint.get("/tick")
def tick() -> flask.Response:
    """Data version, firing alarms that the reader may see, a number that moves when any does, this start's mark."""
    context = current()
    found = alerts.badge(context.ledger, scope_for(current_user(), context.warehouse))
    version = context.warehouse.data_version
    if who := viewer():
        context.warehouse.meter.ticked(who, version)
    response = flask.jsonify({
        "version": version, "alerts": found["firing"], "alerts_revision": found["revision"],
        "boot": context.flags.get("boot", ""),
    })  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/<path:path>")
def nothing(path: str) -> flask.Response:
    """Dash answers every address that nobody else does with its page, and a program would read 200."""
    flask.abort(405 if path in ("query", "explain") else 404)


def _checked(body: Any) -> dict[str, Any]:
    """The fields of a question, each of the type the command line would have made.

    Raises:
        UserError: `bad_body`, `unknown_field` or `bad_field`.
    """
    body = _fields(body, FIELDS)
    for name in ("metrics", "by", "where"):
        _check(name, body.get(name), _is_words(body.get(name)) or name == "where" and _is_filters(body.get(name)))
    for name, allowed in (("grain", GRAINS), ("compare", COMPARISONS)):
        _check(name, body.get(name), body.get(name) in (None, "", *allowed))
    for name in ("period", "start", "end", "order", "as_known"):
        _check(name, body.get(name), body.get(name) is None or isinstance(body[name], str))
    _check("expected", body.get("expected"), body.get("expected") in (None, True, False))
    limit = body.get("limit")
    _check("limit", limit, limit is None or type(limit) is int and 0 < limit < 2**31)
    return body


def _fields(body: Any, known: frozenset[str]) -> dict[str, Any]:
    if not isinstance(body, dict) or not _is_text(body):
        raise UserError("bad_body")
    unknown = set(body) - known
    if unknown:
        raise UserError("unknown_field", field=", ".join(sorted(unknown)), known=", ".join(sorted(known)))
    return body


def _is_text(body: dict[str, Any]) -> bool:
    """Half a character (a lone surrogate) can be written in JSON, and is no text."""
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _check(name: str, value: Any, fine: bool) -> None:
    if not fine:
        raise UserError("bad_field", field=name, value=str(value)[:100])


def _is_words(value: Any) -> bool:
    return (
        value is None
        or isinstance(value, str)
        or isinstance(value, list)
        and all(isinstance(item, str) for item in value)
    )


def _is_filters(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(name, str) and _is_words(item) for name, item in value.items())
