"""Both languages say the same things with the same fields, and every error that can be raised has its sentence."""

from __future__ import annotations

import ast
import string
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import ROOT
from i18n import LANGUAGES, catalogue

ROOMS = ("warehouse", "connectors", "metrics", "alerts", "access", "components", "pages", "commands")
ERRORS = {"UserError", "RetryableError", "FatalError", "CockpitError"}
FOLDERS = {lang: ROOT / "i18n" / lang for lang in LANGUAGES}


def sources() -> Iterator[Path]:
    yield from ROOT.glob("*.py")
    for room in ROOMS:
        yield from (ROOT / room).rglob("*.py")


def fields(template: str) -> set[str]:
    return {
        name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(template) if name is not None
    }


def leaves(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def raised() -> dict[str, set[str]]:
    """Code of every error raised by name in the product → files."""
    found: dict[str, set[str]] = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in ERRORS and isinstance(node.args[0].value, str):
                    found.setdefault(node.args[0].value, set()).add(str(path.relative_to(ROOT)))
    return found


def test_every_file_stands_in_both_languages():
    names = {lang: {path.name for path in folder.glob("*.toml")} for lang, folder in FOLDERS.items()}
    assert names["zh"] == names["en"]


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDERS["zh"].glob("*.toml")))
def test_both_languages_have_the_same_keys(name):
    zh, en = (set(leaves(tomllib.loads((FOLDERS[lang] / name).read_text("utf-8")))) for lang in ("zh", "en"))
    assert zh ^ en == set()


def test_no_key_is_said_twice():
    for lang, folder in FOLDERS.items():
        said = Counter(key for path in folder.glob("*.toml") for key in leaves(tomllib.loads(path.read_text("utf-8"))))
        assert [key for key, count in said.items() if count > 1] == [], lang


def test_both_languages_use_the_same_fields():
    zh, en = catalogue("zh"), catalogue("en")
    differ = {
        key: (fields(zh[key]), fields(en[key])) for key in zh.keys() & en.keys() if fields(zh[key]) != fields(en[key])
    }
    assert differ == {}


def test_no_text_is_empty():
    for lang in LANGUAGES:
        assert [key for key, value in catalogue(lang).items() if not value.strip() and ".unit." not in key] == [], lang


def test_every_error_has_its_sentence_in_both_languages():
    codes = raised()
    assert len(codes) > 30  # the scan itself works
    missing = {
        f"{lang}: {code}": sorted(files)
        for lang in LANGUAGES
        for code, files in codes.items()
        if f"errors.{code}" not in catalogue(lang)
    }
    assert missing == {}


def test_error_sentences_end_with_what_to_do():
    """Not provable by machine, but a sentence without a second part cannot say both what is wrong and what to do."""
    for lang, stops in (("zh", "。;:,"), ("en", ".;:,")):
        short = [
            key
            for key, value in catalogue(lang).items()
            if key.startswith("errors.") and sum(value.count(stop) for stop in stops) < 2
        ]
        assert short == [], lang
