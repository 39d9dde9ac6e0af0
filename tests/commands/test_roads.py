"""The two roads of a command: through the server that owns the folder, or by itself; and who waits for whom."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from commands import remote, run
from commands.lock import HomeLock
from commands.remote import ServerAddress
from commands.serve import Running, start
from config import ROOT, Settings
from errors import UserError
from tests.commands.conftest import Cockpit

DEAD = ServerAddress(2**22 + 1, "127.0.0.1", 9, "x" * 43)


def test_commands_give_the_same_with_and_without_a_server(cockpit: Cockpit, orders: Path, settings: Settings) -> None:
    asked = ("query", "gmv", "orders", "--grain", "day", "--format", "csv")
    cockpit("load", orders)
    alone = cockpit(*asked)
    running = start(settings)
    try:
        assert cockpit(*asked) == alone
        again = json.loads(cockpit("load", orders, "--json").out)["batches"][0]
        assert (again["accepted"], again["unchanged"]) == (0, 5)
        wrong = cockpit("query", "no_such_metric")
    finally:
        running.stop()
    assert cockpit("query", "no_such_metric") == wrong and wrong.code == 1
    assert json.loads(cockpit("query", "orders", "--format", "json").out)["rows"] == [{"orders": 4}]


def test_a_relative_path_means_the_callers_folder(
    cockpit: Cockpit, orders: Path, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(orders.parent)
    assert json.loads(cockpit("load", "orders.csv", "--json").out)["batches"][0]["accepted"] == 5


def test_progress_comes_through_the_server(orders: Path, server: Running, settings: Settings) -> None:
    seen: list[tuple[float, str]] = []
    args = {"paths": [str(orders)], "json": True}
    outcome = run.carry_out(settings, "load", args, "en", lambda share, label: seen.append((share, label)))
    assert outcome.exit_code == 0 and seen and all(0 <= share <= 1 and label for share, label in seen)


def test_server_json_is_the_owners_alone_and_goes_with_the_server(settings: Settings) -> None:
    running = start(settings)
    file = settings.home / "server.json"
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o077 == 0
    assert remote.find_server(settings.home) == running.address
    running.stop()
    assert not file.exists()


def test_what_a_dead_server_left_behind_is_ignored(cockpit: Cockpit, orders: Path, settings: Settings) -> None:
    settings.home.mkdir(parents=True)
    remote.announce(settings.home, DEAD)
    assert cockpit("load", orders).code == 0
    (settings.home / "server.json").write_text("{half", "utf-8")
    assert cockpit("query", "gmv").code == 0


def test_another_program_on_a_reused_port_is_no_server_of_ours(server: Running, settings: Settings) -> None:
    remote.announce(settings.home, replace(server.address, token="y" * 43))
    assert remote.find_server(settings.home) is None
    remote.announce(settings.home, server.address)


def test_a_second_server_is_told_about_the_first(server: Running, settings: Settings) -> None:
    with pytest.raises(UserError) as raised:
        start(settings)
    assert raised.value.code == "server_running" and raised.value.fields["port"] == server.address.port


def test_commands_wait_for_each_other(cockpit: Cockpit, orders: Path, settings: Settings) -> None:
    lock = HomeLock(settings.home)
    assert lock.acquire()
    threading.Timer(0.4, lock.release).start()
    assert cockpit("load", orders).code == 0


def test_the_wait_has_an_end(
    cockpit: Cockpit, orders: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "WAIT_SECONDS", 0.3)
    with HomeLock(settings.home) as lock:
        assert lock.acquire()
        said = cockpit("load", orders)
    assert said.code == 1 and "\n" not in said.err


def test_restore_needs_the_folder_to_itself(cockpit: Cockpit, server: Running) -> None:
    said = cockpit("restore", "/no/such/backup")
    assert said.code == 1 and str(server.address.port) in said.err


def test_control_answers_only_who_knows_the_token(server: Running) -> None:
    body = b'{"command": "user list", "args": {}}'
    for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}, {"Authorization": "Basic x"}):
        for method in ("GET", "POST"):
            assert ask(server, method, "/_control", wrong, body)[0] == 404


NONSENSE = (
    b"",
    b"[]",
    b"{}",
    b'{"command": "nonsense", "args": {}}',
    b'{"command": "restore", "args": {}}',
    b'{"command": "query", "args": []}',
    b"\xff\xfe",
)


def test_control_survives_nonsense(server: Running) -> None:
    headers = {"Authorization": f"Bearer {server.address.token}", "Content-Type": "application/json"}
    for body in NONSENSE:
        status, answer = ask(server, "POST", "/_control", headers, body)
        assert status == 400 and json.loads(answer)["error"]["code"], body


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_a_terminated_server_leaves_cleanly(tmp_path: Path) -> None:
    home = tmp_path / "home"
    words = [sys.executable, str(ROOT / "app.py"), "serve", "--port", "0"]
    environ = {**os.environ, "COCKPIT_HOME": str(home), "LANG": "en_US.UTF-8"}
    said = tmp_path / "stderr"  # a file: a server that says much never blocks on a full pipe
    with said.open("w") as err:
        process = subprocess.Popen(words, stderr=err, env=environ)
    try:
        wait_for(lambda: "/setup" in said.read_text("utf-8"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
    assert "Traceback" not in said.read_text("utf-8")
    assert not (home / "server.json").exists() and HomeLock(home).acquire()


def ask(
    server: Running, method: str, path: str, headers: dict[str, str], body: bytes | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.address.port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_for(true: Any, seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def test_a_fault_of_ours_is_a_sentence_and_its_traceback_is_kept(
    cockpit: Cockpit, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("an accident")

    monkeypatch.setattr("commands.listing.sources", broken)
    answer = cockpit("sources")
    assert answer.code == 1 and "Traceback" not in answer.err
    kept = (settings.home / "logs" / "cockpit.log").read_text("utf-8")
    assert "an accident" in kept and kept.split(" at `sources`")[0].split()[-1] in answer.err
