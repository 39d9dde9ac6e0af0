# ruff: noqa: E501
"""What exists is in the docs: every setting, command, option, metric, page and export kind; and the docs' examples run."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest

from config import ROOT, Settings

DOCS = ROOT / "docs"
GUIDES = ("guide.zh.md", "guide.en.md")


def generator() -> Any:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def everything() -> str:
    return "\n".join(path.read_text("utf-8") for path in [*DOCS.glob("*.md"), *ROOT.glob("*.md")])


def code_blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", read(name), re.S)


def test_generated_files_are_fresh():
    assert generator().stale() == []


def test_every_setting_is_described():
    text = read("operate.md")
    assert [item.name for item in fields(Settings) if f"`{item.name}`" not in text] == []


def test_every_command_and_option_is_described():
    from app import cli

    text = read("command-line.md")
    for path, command in generator().commands(cli):
        assert f"## `{path}`\n" in text
        section = text.split(f"## `{path}`\n", 1)[1].split("\n## ", 1)[0]
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert all(name in section for name in option.opts), (path, option.opts)


def test_every_metric_is_described():
    import metrics

    text = read("metrics-table.md")
    assert [name for name in metrics.catalogue() if f"| `{name}` |" not in text] == []


def test_every_export_kind_is_described():
    import connectors

    text = read("kinds-table.md")
    assert [kind.id for kind in connectors.kinds() if f"| `{kind.id}` |" not in text] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_every_page_is_in_the_guide(guide):
    from components.page import find_pages

    pages, warnings = find_pages()
    assert warnings == []
    text = read(guide)
    assert [page.path for page in pages if f"`{page.path}`" not in text] == []


def test_every_page_that_the_guides_name_exists():
    from components.page import find_pages

    known, others = find_pages()[0], {"/login", "/setup"}
    for guide in GUIDES:
        named = {path.split("?")[0] for path in re.findall(r"`(/[\w/<>?=&-]*)`", read(guide))}
        plain = {path.replace("<", "").replace(">", "") for path in named - others}
        assert [path for path in plain if all(page.match(path) is None for page in known)] == []


def test_every_command_that_the_guides_name_exists():
    from app import cli

    known = {path for path, _ in generator().commands(cli)}
    for guide in GUIDES:
        for words in re.findall(
            r"`(?:\./cockpit )?((?:alerts|quarantine|user|demo|load|doctor|serve)\b[^`]*)`", read(guide)
        ):
            plain = [word for word in words.split() if re.fullmatch(r"[a-z-]+", word) and not word.startswith("--")]
            assert any(" ".join(plain[:n]) in known for n in (1, 2, 3)), words
            for option in re.findall(r"--[a-z-]+", words):
                assert option in read("command-line.md"), words


def test_links_lead_somewhere():
    for path in [*DOCS.glob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_page_of_the_how_to_is_a_page():
    from components.page import Page

    scope: dict[str, Any] = {}
    exec(compile(code_blocks("add-a-page.md", "python")[0], "add-a-page.md", "exec"), scope)
    assert isinstance(scope["PAGE"], Page) and scope["PAGE"].layout(None) is not None


def test_the_rule_of_the_how_to_is_a_rule():
    from alerts.people import check_rule
    from alerts.suggest import from_table

    for name, table in tomllib.loads(code_blocks("add-an-alert.md", "toml")[0]).items():
        check_rule(from_table(name, table))


def test_every_member_of_a_rule_kind_is_in_the_how_to():
    from alerts.rules import kinds

    text = read("add-an-alert.md")
    for kind in kinds().values():
        members = [name for name in dir(kind) if not name.startswith("_")]
        assert [name for name in members if f"`{name}" not in text] == []


def test_no_generated_file_is_edited_by_hand():
    assert all(Path(DOCS / name).read_text("utf-8").startswith("<!-- Written by") for name in generator().FILES)
