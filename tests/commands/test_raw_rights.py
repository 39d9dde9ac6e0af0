"""Rows as they came are behind rights too: originals, quarantine, kept tables, and who may write who sees what."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import alerts
import config
from access import users
from alerts import store
from alerts.types import Rule
from commands.load import load
from commands.outcome import Call
from commands.web.assemble import assemble
from components import loading, sheet_tables, uploads, work
from components import quarantine_view as view
from components.context import Context
from config import Settings
from errors import UserError

FILES = {
    "owners.csv": "类目,负责人\n女装,ops\n男装,zhang\n",
    "unit.csv": "SKU编码,生效日期,单位成本\nA-1,2026-10-01,12.5\nA-2,someday,9\n",
    "targets.csv": "指标,周期,开始日期,类目,目标值\ngmv,month,2026-11-01,女装,100\ngmv,month,2026-11-01,男装,900\n",
}
UPDATE = "/_dash-update-component"
ROOT_OUTPUTS = (("root", "children"), ("late", "data"), ("drawn", "data"))


@dataclass
class Person:
    """Somebody signed in, with a browser's cookies and headers."""

    client: FlaskClient

    @property
    def headers(self) -> dict[str, str]:
        cookie = self.client.get_cookie("_csrf_token")
        assert cookie is not None
        return {"X-CSRFToken": cookie.value, "Accept-Language": "en"}

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, **more: Any) -> Any:
        return self.client.post(path, headers=self.headers, **more)

    def page(self, path: str, search: str = "") -> str:
        """What the root callback draws for an address."""
        body = {
            "output": "..root.children...late.data...drawn.data..",
            "outputs": [{"id": one, "property": what} for one, what in ROOT_OUTPUTS],
            "inputs": [{"id": "url", "property": "pathname", "value": path}], "changedPropIds": ["url.pathname"],
            "state": [
                {"id": "url", "property": "search", "value": search},
                {"id": "drawn", "property": "data", "value": None},
            ],
        }  # fmt: skip
        return str(self.post(UPDATE, json=body).get_data(as_text=True))


SignIn = Callable[[str], Person]


@pytest.fixture
def context(settings: Settings, warehouse: Any, ledger: Any, orders: Path, tmp_path: Path) -> Context:
    made = Context(settings=settings, warehouse=warehouse, ledger=ledger)
    paths = [str(orders)]
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
        paths.append(str(tmp_path / name))
    outcome = load(Call(settings, {"paths": paths}, opened=made))
    assert outcome.exit_code == 0, outcome.err
    return made


@pytest.fixture
def as_user(context: Context) -> SignIn:
    server = assemble(context).server
    for name, role in (("boss", "boss"), ("ops", "operations"), ("lead", "operations"), ("tech", "technology")):
        users.add(context.ledger, name, role, "long enough 1")

    def sign_in(name: str) -> Person:
        client = server.test_client()
        form = client.get("/login", headers={"Accept": "text/html"}).get_data(as_text=True)
        found = re.search('name="csrf" value="([^"]+)"', form)
        assert found
        client.post("/login", data={"csrf": found[1], "name": name, "password": "long enough 1"})
        client.get("/", headers={"Accept": "text/html"})
        return Person(client)

    return sign_in


def batch_of(context: Context, kind: str) -> int:
    found = context.warehouse.read("SELECT batch_id FROM load_batch WHERE kind = ?", (kind,)).column(0).to_pylist()
    return int(found[0])


def test_originals_are_for_those_who_see_all_that_is_in_them(context: Context, as_user: SignIn) -> None:
    costs = f"/data/batches/{batch_of(context, 'sheet_costs')}/original"
    orders = f"/data/batches/{batch_of(context, 'tmall_orders')}/original"
    told = {name: (as_user(name).get(orders).status_code, as_user(name).get(costs).status_code)
            for name in ("boss", "lead", "ops", "tech")}  # fmt: skip
    assert told == {"boss": (200, 200), "lead": (200, 200), "ops": (403, 403), "tech": (200, 403)}
    assert as_user("ops").get(orders).get_json()["error"]["code"] == "raw_not_allowed"


def test_quarantined_rows_follow_the_same_rights(context: Context, as_user: SignIn) -> None:
    assert context.warehouse.read("SELECT count(*) AS n FROM quarantine").to_pylist() == [{"n": 1}]
    asked = {
        name: [as_user(name).get(f"/data/quarantine.csv{kind}").status_code for kind in ("", "?kind=sheet_costs")]
        for name in ("boss", "ops", "tech")
    }
    assert asked == {"boss": [200, 200], "ops": [403, 403], "tech": [403, 403]}
    assert as_user("tech").get("/data/quarantine.csv?kind=tmall_orders").status_code == 200
    for search in ("", "?kind=sheet_costs"):
        assert "someday" in as_user("boss").page("/data/quarantine", search)
        for name in ("ops", "tech"):
            assert "someday" not in as_user(name).page("/data/quarantine", search)


def test_kept_tables_show_the_readers_rows(as_user: SignIn) -> None:
    def lines(name: str, table: str) -> list[str]:
        return str(as_user(name).get(f"/data/tables/{table}.csv").get_data(as_text=True)).splitlines()[1:]

    assert [len(lines(name, "unit_costs")) for name in ("boss", "ops", "tech")] == [1, 0, 0]
    assert [len(lines(name, "targets")) for name in ("boss", "ops", "tech")] == [2, 1, 2]
    assert "女装" in lines("ops", "targets")[0]
    assert "A-1" in as_user("boss").page("/data/tables", "?table=unit_costs")
    assert "A-1" not in as_user("tech").page("/data/tables", "?table=unit_costs")


OWN_ALL = "类目,负责人\n男装,ops\n"


@pytest.mark.parametrize(("name", "state", "owned"), [("ops", "failed", ["女装"]), ("boss", "done", ["女装", "男装"])])
def test_nobody_gives_themselves_a_category_by_uploading(
    context: Context, as_user: SignIn, name: str, state: str, owned: list[str]
) -> None:
    person, data = as_user(name), OWN_ALL.encode()
    sent = person.post(f"/data/files?name=o.csv&offset=0&size={len(data)}", data=data).get_json()
    number = person.post(f"/data/files/{sent['upload']}/load", json={}).get_json()["job"]
    job = work.of(context).get(number)
    assert job is not None
    while job.open:
        time.sleep(0.02)
    assert job.state == state, job.error
    found = context.warehouse.read("SELECT category FROM category_owner WHERE owner = 'ops' ORDER BY 1 DESC")
    assert sorted(found.column(0).to_pylist()) == sorted(owned)


def test_nor_by_the_table_or_by_mending(context: Context) -> None:
    barred = frozenset({"category_owner"})
    with pytest.raises(UserError, match="write_not_allowed|who sees what"):
        sheet_tables.save(context, sheet_tables.SHEETS["owners"], [{"category": "男装", "owner": "ops"}], "ops", barred)
    change = view.Change("replay", view.Group("sheet_category_owners"), barred=barred)
    with pytest.raises(UserError) as refused:
        view.carry_out(context, change)
    assert refused.value.code == "write_not_allowed"
    assert loading.Asked().barred == frozenset()


def test_a_rule_is_tried_with_the_rights_of_who_tries_it(as_user: SignIn) -> None:
    fields = {
        "metric": "gmv", "kind": "threshold", "side": "above", "threshold": 1, "compare": None, "period": "this_year",
        "dimension": "shop", "platform": None, "severity": "warning", "owner": "operations", "floor": 0, "hold": 0,
        "hysteresis": 0, "note": "",
    }  # fmt: skip
    state = [{"id": "rule-id", "property": "data", "value": 0}, {"id": "url", "property": "search", "value": ""}]
    state += [{"id": f"rule-{name}", "property": "value", "value": value} for name, value in fields.items()]
    outputs = [{"id": "rule-answer", "property": "children"}, {"id": "url", "property": "search"}]
    boss = as_user("boss")
    known = boss.get("/_dash-dependencies").get_json()
    output = next(one["output"] for one in known if one["output"].startswith("..rule-answer.children"))
    outputs[1]["property"] = output.strip(".").split("...")[1].removeprefix("url.")
    body = {
        "output": output, "outputs": outputs, "state": state, "changedPropIds": ["rule-preview.n_clicks"],
        "inputs": [{"id": "rule-preview", "property": "n_clicks", "value": 1},
                   {"id": "rule-save", "property": "n_clicks", "value": None}],
    }  # fmt: skip
    told = {name: str(as_user(name).post(UPDATE, json=body).get_json()) for name in ("boss", "ops")}
    assert "默认店铺" in told["boss"], told["boss"]
    assert "默认店铺" not in told["ops"], told["ops"]


NAMES = ["单" * 180 + ".csv", "a.part", ".part", "../../x.csv", "\\\\host\\c$\\x.csv", "..", "x" * 400]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_file_is_called_it_arrives_in_its_own_folder(context: Context, as_user: SignIn, name: str) -> None:
    sent = as_user("boss").post("/data/files", query_string={"name": name, "offset": 0, "size": 2}, data=b"ab")
    assert sent.get_json()["whole"] is True, sent.get_json()
    path = uploads.file_of(context, sent.get_json()["upload"])
    assert path.parent.parent == context.settings.tmp / "uploads" and path.read_bytes() == b"ab"


def test_a_piece_of_an_upload_that_is_gone_is_refused(as_user: SignIn) -> None:
    address = f"/data/files?name=a&offset=0&size=2&upload={'0' * 32}"
    assert as_user("boss").post(address, data=b"ab").get_json()["error"]["code"] == "upload_unknown"


def test_a_kept_table_runs_no_formula_when_it_is_opened(context: Context, as_user: SignIn, tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("类目,负责人\n=HYPERLINK(1),li\n", "utf-8")
    load(Call(context.settings, {"paths": [str(tmp_path / "o.csv")]}, opened=context))
    assert "\n'=HYPERLINK(1),li" in as_user("boss").get("/data/tables/owners.csv").get_data(as_text=True)


def test_the_tick_counts_what_the_reader_may_see(context: Context, as_user: SignIn) -> None:
    moment = datetime(2026, 11, 3, 23, 59, 59)
    config.freeze(moment)
    store.write_rule(context.ledger, Rule("gmv", 1.0, severity="critical"), "test", moment)
    alerts.evaluate(context.warehouse, context.ledger, moment)
    told = {name: as_user(name).get("/api/v1/tick").get_json()["alerts"] for name in ("boss", "ops")}
    assert told == {"boss": 1, "ops": 0}, "a number of the whole shop is not for the owner of one category"


def test_a_person_at_the_wall_sees_walls_and_nothing_else(context: Context, as_user: SignIn) -> None:
    users.add(context.ledger, "lobby", "wall", "long enough 1")
    person = as_user("lobby")
    assert person.get("/wall/overview").status_code == person.get("/api/v1/tick").status_code == 200
    costs = f"/data/batches/{batch_of(context, 'sheet_costs')}/original"
    for path in (costs, "/data/tables/unit_costs.csv", "/data/quarantine.csv", "/", "/_dash-layout", "/api/v1/metrics"):
        assert person.get(path).get_json()["error"]["code"] == "wall_only", path
    assert "A-1" not in person.page("/data/tables", "?table=unit_costs")
    sent = person.client.get("/", headers={"Accept": "text/html"})
    assert sent.headers["Location"] == "/wall/overview"
