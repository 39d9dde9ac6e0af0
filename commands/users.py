"""`user …`: people, tokens for programs, keys for walls."""

from __future__ import annotations

from access import keys, users
from commands.outcome import Call, Outcome, as_json, as_table
from errors import UserError


def add(call: Call) -> Outcome:
    """Add a user; the one-time password is printed when none was given."""
    name = call.args["name"]
    made = users.add(call.context.ledger, name, call.args["role"], call.args.get("password"), actor=_actor(call))
    said = call.text("user.added", name=name, role=call.args["role"])
    return Outcome(f"{said}\n{call.text('user.one_time', password=made)}" if made else said)


def list_users(call: Call) -> Outcome:
    """Everybody who may sign in."""
    found = users.everyone(call.context.ledger)
    if call.args.get("json"):
        return Outcome(as_json({"users": found}))
    rows = [[row["name"], row["role"], row["created_at"], row["seen_at"] or "–"] for row in found]
    heads = [call.text(f"user.{name}") for name in ("name", "role", "created", "seen")]
    return Outcome(as_table(heads, rows) if rows else call.text("user.none"))


def passwd(call: Call) -> Outcome:
    """Change a password."""
    name = call.args["name"]
    made = users.set_password(call.context.ledger, name, call.args.get("password"), actor=_actor(call))
    said = call.text("user.changed", name=name)
    return Outcome(f"{said}\n{call.text('user.one_time', password=made)}" if made else said)


def remove(call: Call) -> Outcome:
    """Remove a user."""
    users.remove(call.context.ledger, call.args["name"], actor=_actor(call))
    return Outcome(call.text("user.removed", name=call.args["name"]))


def token(call: Call) -> Outcome:
    """Make an API token, or revoke all of a user."""
    name = call.args["name"]
    if call.args.get("revoke"):
        return Outcome(
            call.text(
                "user.tokens_revoked",
                name=name,
                count=keys.revoke_tokens(call.context.ledger, name, actor=_actor(call)),
            )
        )
    made = keys.make_token(call.context.ledger, name, call.args.get("label") or "", actor=_actor(call))
    return Outcome(made, call.text("user.token_once"))


def wall_key(call: Call) -> Outcome:
    """Make, list or revoke wall keys."""
    ledger, action = call.context.ledger, call.args["action"]
    if action == "add":
        screen = call.args["screen"]
        key = keys.make_wall_key(ledger, screen, call.args.get("label") or "", actor=_actor(call))
        return Outcome(f"/wall/{screen}?key={key}", call.text("user.wall_once"))
    if action == "remove":
        keys.revoke_wall_key(ledger, call.args["id"], actor=_actor(call))
        return Outcome(call.text("user.wall_removed", id=call.args["id"]))
    if action != "list":
        raise UserError("unknown_action", action=action)
    found = keys.wall_keys(ledger)
    if call.args.get("json"):
        return Outcome(as_json({"wall_keys": found}))
    rows = [[row["id"], row["screen"], row["label"] or "", row["created_at"]] for row in found]
    heads = [call.text(f"user.{name}") for name in ("key", "screen", "label", "created")]
    return Outcome(as_table(heads, rows) if rows else call.text("user.no_wall"))


def _actor(call: Call) -> str:
    return str(call.args.get("actor") or "system")
