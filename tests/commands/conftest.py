"""The command line as a person calls it, and small files to load."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import app
from commands import front

HEADER = "订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额"
ROWS = [
    "9001,100.00,100.00,上海,2026-11-01 10:00:00,2026-11-01 10:01:00,0",
    "9002,50.00,0.00,北京,2026-11-01 11:00:00,2026-11-01 11:02:00,50.00",
    "9003,80.50,80.50,上海,2026-11-02 09:00:00,2026-11-02 09:00:30,0",
    "9004,999.00,0,广东省,2026-11-02 12:00:00,,0",
    "9005,20.00,20.00,浙江省,2026-11-03 23:59:59,2026-11-03 23:59:59,0",
]


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    out: str
    err: str
    code: int


Cockpit = Callable[..., Said]


@pytest.fixture(autouse=True)
def _cheap(cheap_hashes: None) -> None:
    """For every test here."""


@pytest.fixture
def cockpit(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cockpit:
    """Call `app.py` with these words, in this process."""
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)

    def call(*words: str | Path) -> Said:
        capsys.readouterr()
        code = front.main(app.cli, [str(word) for word in words])
        out, err = capsys.readouterr()
        return Said(out.strip(), err.strip(), code)

    return call


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Five orders of three days: four paid (gmv 250.50), one of them wholly refunded (net 200.50)."""
    return write(tmp_path / "orders.csv", ROWS)


def write(path: Path, rows: list[str]) -> Path:
    """A Tmall order report with these rows."""
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return path
