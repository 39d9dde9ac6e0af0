"""`alerts …`: what is wrong now, judging the rules, and what people do about it."""

from __future__ import annotations

import getpass
from datetime import timedelta
from typing import Any

import alerts
from access.users import need
from commands.outcome import Call, Outcome, as_json, as_table
from config import now
from metrics.types import Scope


def list_alerts(call: Call) -> Outcome:
    """Open incidents in the order in which they should be read; with --all the resolved ones after them."""
    ledger, scope = call.context.ledger, Scope.everything()
    found = [alerts.plain(item) for item in alerts.active(ledger, scope)]
    if call.args.get("every"):
        found += [alerts.plain(item) for item in alerts.history(ledger, scope)]
    if call.args.get("json"):
        return Outcome(as_json({"alerts": found}))
    heads = ("id", "severity", "state", "metric", "labels", "value", "threshold", "since")
    rows = [[_cell(item[name]) for name in heads] for item in found]
    return Outcome(
        as_table([call.text(f"alerts.{name}") for name in heads], rows) if rows else call.text("alerts.none")
    )


def evaluate(call: Call) -> Outcome:
    """Judge every enabled rule now."""
    counts = alerts.evaluate(call.context.warehouse, call.context.ledger, now(call.settings))
    if call.args.get("json"):
        return Outcome(as_json(counts))
    return Outcome("  ".join(f"{name} {value}" for name, value in counts.items()))


def acknowledge(call: Call) -> Outcome:
    """Take an incident on."""
    item = alerts.acknowledge(
        call.context.ledger, call.args["incident"], _who(call), call.args.get("note") or "", now(call.settings)
    )
    return Outcome(call.text("alerts.acknowledged", id=item.id, user=item.acknowledged_by))


def silence(call: Call) -> Outcome:
    """Keep an incident's rule and slice quiet for a while."""
    moment = now(call.settings)
    until = moment + timedelta(minutes=call.args["minutes"])
    item = alerts.silence(
        call.context.ledger, call.args["incident"], _who(call), until, call.args.get("note") or "", moment
    )
    return Outcome(call.text("alerts.silenced", id=item.id, until=f"{until:%Y-%m-%d %H:%M}"))


def test(call: Call) -> Outcome:
    """What a rule says now; nothing is kept and nobody is told."""
    rule = alerts.rule(call.context.ledger, call.args["rule"])
    found = alerts.trial(call.context.warehouse, rule, now(call.settings))
    if call.args.get("json"):
        return Outcome(as_json({"rule": rule.id, "metric": rule.metric, "readings": found}))
    heads = ("labels", "outcome", "value", "threshold", "error")
    return Outcome(
        as_table(
            [call.text(f"alerts.{name}") for name in heads], [[_cell(row[name]) for name in heads] for row in found]
        )
    )


def _who(call: Call) -> str:
    """The user named, who must exist; else whoever sits at this machine."""
    if call.args.get("as_user"):
        return need(call.context.ledger, call.args["as_user"]).name
    try:
        return f"{getpass.getuser()}@terminal"
    except (OSError, KeyError):
        return "terminal"


def _cell(value: Any) -> str:
    if value is None or value == {}:
        return "–"
    if isinstance(value, dict):
        return " ".join(f"{name}={item}" for name, item in value.items())
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
