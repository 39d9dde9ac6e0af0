"""The floors that import-linter cannot see: the single modules at the top level, and what a query must not drag in."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from config import ROOT

ROOMS = {
    "app", "commands", "pages", "components", "jobs", "alerts", "access", "connectors", "metrics", "warehouse",
    "config", "errors", "i18n", "simulator",
}  # fmt: skip
MAY_IMPORT = {
    "app": {"commands"},
    "jobs": {"alerts", "access", "components", "connectors", "metrics", "warehouse", "config", "errors", "i18n"},
    "config": {"errors"},
    "errors": {"i18n"},
}


def imported_rooms(module: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / f"{module}.py").read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return (names & ROOMS) - {module}


@pytest.mark.parametrize("module", MAY_IMPORT)
def test_single_modules_keep_their_floor(module: str) -> None:
    assert imported_rooms(module) <= MAY_IMPORT[module]


@pytest.mark.parametrize("room", ["warehouse", "config", "errors", "i18n"])
def test_nothing_below_knows_the_jobs_or_the_front_door(room: str) -> None:
    files = [ROOT / f"{room}.py"] if (ROOT / f"{room}.py").exists() else sorted((ROOT / room).rglob("*.py"))
    assert files
    for file in files:
        text = file.read_text("utf-8")
        assert not {"jobs", "app"} & {
            name.split(".")[0]
            for node in ast.walk(ast.parse(text))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [getattr(node, "module", None) or ""]
            )
            if isinstance(node, ast.Import | ast.ImportFrom)
        }, file


def test_a_number_needs_no_screen() -> None:
    code = "import sys, metrics, warehouse, connectors; sys.exit(bool({'dash', 'flask', 'plotly'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0
