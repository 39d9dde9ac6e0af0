"""The command line of those who run the house: users, alerts, backup and repair."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from commands import front
from commands.words import ROLES

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
password_option = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input; without it a one-time one is printed.",
)


def _password(password_stdin: bool) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if password_stdin else None


@click.group()
def user() -> None:
    """Who may sign in."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="operations", show_default=True)
@password_option
def user_add(name: str, role: str, password_stdin: bool) -> None:
    """Add a user."""
    front.run("user add", {"name": name, "role": role, "password": _password(password_stdin)})


@user.command("list")
@json_option
def user_list(**args: Any) -> None:
    """Users, roles and when they were last seen."""
    front.run("user list", args)


@user.command("passwd")
@click.argument("name")
@password_option
def user_passwd(name: str, password_stdin: bool) -> None:
    """A new password; ends the user's sessions and lifts a lockout."""
    front.run("user passwd", {"name": name, "password": _password(password_stdin)})


@user.command("remove")
@click.argument("name")
def user_remove(**args: Any) -> None:
    """Remove a user."""
    front.run("user remove", args)


@user.command("token")
@click.argument("name")
@click.option("--label", default="", help="What it is for.")
@click.option("--revoke", is_flag=True, help="Revoke every token of that user instead.")
def user_token(**args: Any) -> None:
    """A token for programs that ask the HTTP API; shown once."""
    front.run("user token", args)


@user.group("wall-key")
def wall_key() -> None:
    """Keys that open one wall screen without a sign-in."""


@wall_key.command("add")
@click.argument("screen", default="overview")
@click.option("--label", default="", help="Where the screen hangs.")
def wall_key_add(**args: Any) -> None:
    """A new key; shown once, with the address to open."""
    front.run("user wall-key", {"action": "add", **args})


@wall_key.command("list")
@json_option
def wall_key_list(**args: Any) -> None:
    """Keys that open something."""
    front.run("user wall-key", {"action": "list", **args})


@wall_key.command("remove")
@click.argument("id")
def wall_key_remove(**args: Any) -> None:
    """Revoke a key by its short id."""
    front.run("user wall-key", {"action": "remove", **args})


@click.group()
def alerts() -> None:
    """Alarms and their rules."""


@alerts.command("list")
@click.option("--all", "every", is_flag=True, help="Resolved ones too.")
@json_option
def alerts_list(**args: Any) -> None:
    """What is wrong now."""
    front.run("alerts list", args)


@alerts.command("evaluate")
@json_option
def alerts_evaluate(**args: Any) -> None:
    """Judge every rule now."""
    front.run("alerts evaluate", args)


@alerts.command("ack")
@click.argument("incident", type=int)
@click.option("--as", "as_user", help="In whose name; default: the one who is at this machine.")
@click.option("--note", default="", help="Why, or what is being done.")
def alerts_ack(**args: Any) -> None:
    """Acknowledge an incident."""
    front.run("alerts ack", args)


@alerts.command("silence")
@click.argument("incident", type=int)
@click.option("--as", "as_user", help="In whose name; default: the one who is at this machine.")
@click.option("--minutes", type=click.IntRange(1), default=60, show_default=True)
@click.option("--note", default="", help="Why.")
def alerts_silence(**args: Any) -> None:
    """Hear nothing of an incident's rule and slice for a while."""
    front.run("alerts silence", args)


@alerts.command("test")
@click.argument("rule", type=int)
@json_option
def alerts_test(**args: Any) -> None:
    """What a rule would say now, without saying it."""
    front.run("alerts test", args)


@click.command()
@json_option
def backup(**args: Any) -> None:
    """A checked copy of warehouse and ledger in COCKPIT_HOME/backups."""
    front.run("backup", args)


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
def restore(path: Path) -> None:
    """Put a backup back (a folder, or its name in COCKPIT_HOME/backups); what was there is set aside."""
    front.run("restore", {"path": str(path.absolute())})


@click.command()
@json_option
def rebuild(**args: Any) -> None:
    """Make the warehouse anew from the archive."""
    front.run("rebuild", args)


@click.command()
@json_option
def doctor(**args: Any) -> None:
    """Look everything over and say what to do."""
    front.run("doctor", args)


GROUPS: tuple[click.Command, ...] = (user, alerts, backup, restore, rebuild, doctor)
