"""Every command by name: where its function is, and what it needs. Modules are imported when a command runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from commands.outcome import Call, Outcome

Needs = Literal["nothing", "home", "lock"]
"""nothing: no data · home: warehouse and ledger, whoever owns them · lock: the folder to itself, nothing open"""


@dataclass(frozen=True)
class Command:
    """`path` is `module:function`; the function takes a Call and returns an Outcome."""

    path: str
    needs: Needs = "home"
    remote: bool = True  # may a running server do it?

    def function(self) -> Callable[[Call], Outcome]:
        module, name = self.path.split(":")
        found: Callable[[Call], Outcome] = getattr(import_module(module), name)
        return found


COMMANDS: dict[str, Command] = {
    "load": Command("commands.load:load"),
    "kinds": Command("commands.listing:kinds", needs="nothing"),
    "metrics": Command("commands.listing:metrics", needs="nothing"),
    "sources": Command("commands.listing:sources"),
    "query": Command("commands.query:query"),
    "explain": Command("commands.explain:explain"),
    "quarantine list": Command("commands.quarantine:list_rows"),
    "quarantine show": Command("commands.quarantine:show"),
    "quarantine export": Command("commands.quarantine:export"),
    "quarantine replay": Command("commands.quarantine:replay"),
    "pull": Command("commands.pull:pull"),
    "demo load": Command("commands.demo:load"),
    "demo remove": Command("commands.demo:remove"),
    "alerts list": Command("commands.alerts:list_alerts"),
    "alerts evaluate": Command("commands.alerts:evaluate"),
    "alerts ack": Command("commands.alerts:acknowledge"),
    "alerts silence": Command("commands.alerts:silence"),
    "alerts test": Command("commands.alerts:test"),
    "user add": Command("commands.users:add"),
    "user list": Command("commands.users:list_users"),
    "user passwd": Command("commands.users:passwd"),
    "user remove": Command("commands.users:remove"),
    "user token": Command("commands.users:token"),
    "user wall-key": Command("commands.users:wall_key"),
    "backup": Command("commands.upkeep:backup"),
    "restore": Command("commands.upkeep:restore", needs="lock", remote=False),
    "rebuild": Command("commands.upkeep:rebuild", needs="lock", remote=False),
    "doctor": Command("commands.doctor:doctor", needs="nothing", remote=False),
}
