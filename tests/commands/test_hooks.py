"""What pages may ask of the front door: who may, and what the first page says meanwhile."""

from __future__ import annotations

from typing import Any

import flask
import pytest

from access.users import User
from commands import hooks
from components.context import Context, attach
from errors import UserError


@pytest.fixture
def context(settings: Any, warehouse: Any, ledger: Any) -> Context:
    made = Context(settings=settings, warehouse=warehouse, ledger=ledger)
    hooks.install(made)
    return made


def asked_by(context: Context, role: str | None, hook: str) -> Any:
    server = flask.Flask("probe")
    attach(server, context)
    with server.test_request_context("/"):
        flask.g.cockpit_user = User("somebody", role) if role else None
        return context.actions[hook]()


@pytest.mark.parametrize("hook", ["load_demo", "remove_demo"])
@pytest.mark.parametrize(("role", "code"), [(None, "not_signed_in"), ("wall", "act_not_allowed")])
def test_walls_and_strangers_may_not(context: Context, hook: str, role: str | None, code: str) -> None:
    with pytest.raises(UserError) as raised:
        asked_by(context, role, hook)
    assert raised.value.code == code


def test_a_demo_on_its_way_is_not_started_twice(context: Context) -> None:
    with hooks.demo_loading(context):
        assert asked_by(context, "boss", "load_demo") is None
    assert context.flags["demo_loading"] is False


def test_the_mark_of_demo_data_follows_the_warehouse(context: Context) -> None:
    present = context.actions["demo_present"]
    assert present() is False and context.actions["advance_demo"]() is None
    columns = [row["column_name"] for row in context.warehouse.read("DESCRIBE load_batch").to_pylist()]
    values = {"source": "'demo'", "loaded_at": "now()::TIMESTAMP", "kind": "'x'", "sha256": "''", "options": "'{}'"}
    optional = {"platform", "shop", "file_name", "cursor_after", "first_event_at", "last_event_at"}
    row = ", ".join(values.get(name, "NULL" if name in optional else "0") for name in columns)

    def write(connection: Any) -> None:
        connection.execute(f"INSERT INTO load_batch VALUES ({row})")
        context.warehouse.engine.raise_version(connection)

    context.warehouse.write(write)
    assert present() is True
