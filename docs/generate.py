"""Writes the tables of the docs that stand in the code already: metrics, export kinds, the command line.

uv run python docs/generate.py            write them
uv run python docs/generate.py --check    exit 1 and name the files that are stale
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))
NOTE = "<!-- Written by docs/generate.py; do not edit. -->\n"
LAYERS = {
    "strategic": "战略层 · Strategic",
    "management": "管理层 · Management",
    "execution": "执行层 · Execution",
    "system": "系统 · System line",
}
GOOD = {"up": "↑", "down": "↓", "none": "–"}


def metrics_table() -> str:
    """Every metric: names, unit, good direction, owner, formula, definition, dimensions."""
    import metrics

    lines = [
        NOTE,
        "# 指标表 · Metrics\n",
        "How to read it and how to add one: [metrics.md](metrics.md). ↑ good when it rises, ↓ good when it falls.\n",
    ]
    for layer, title in LAYERS.items():
        lines += [
            f"## {title}\n",
            "| id | 中文 | English | unit | good | owner | formula | definition | dimensions |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        for item in metrics.catalogue().values():
            if item.layer == layer:
                cells = (
                    f"`{item.id}`",
                    item.zh,
                    item.en,
                    item.unit,
                    GOOD[item.direction],
                    item.owner,
                    f"`{item.formula}`" if item.formula else "",
                    f"{item.definition_zh}<br>{item.definition_en}",
                    ", ".join(item.dimensions),
                )
                lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def kinds_table() -> str:
    """Every export kind: what it is called, where it comes from, what it fills."""
    import connectors

    lines = [
        NOTE,
        "# 可载入的文件 · Export kinds\n",
        "How kinds are recognised and how to add one: [connectors.md](connectors.md).\n",
        "| id | 中文 | English | platform | fills | what it is |",
        "|---|---|---|---|---|---|",
    ]
    for kind in connectors.kinds():
        facts = ", ".join(dict.fromkeys(f"`{into.fact}`" for into in kind.into))
        told = f"{kind.description_zh}<br>{kind.description_en}".replace("|", "\\|").replace("\n", " ")
        lines.append(f"| `{kind.id}` | {kind.zh} | {kind.en} | {kind.platform or '–'} | {facts} | {told} |")
    return "\n".join(lines) + "\n"


def command_line() -> str:
    """Every command with its arguments and options, as `--help` tells them."""
    from app import cli

    lines = [
        NOTE,
        "# 命令行 · Command line\n",
        "`./cockpit COMMAND …` or `uv run app.py COMMAND …`. Works whether or not the server is running: a command",
        "finds the running server and asks it. Exit 0 fine, 1 failed, 2 wrong usage, 3 done but rows were quarantined",
        "(with `--strict`).\n",
    ]
    for path, command in commands(cli):
        # click keeps a command's first help option, so it must be the one that a run under the group makes
        names = list(cli.context_settings["help_option_names"])
        context = click.Context(
            command, info_name=f"app.py {path}", terminal_width=100, max_content_width=100, help_option_names=names
        )
        lines += [f"## `{path}`\n", "```text", command.get_help(context).rstrip(), "```\n"]
    return "\n".join(lines)


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command below a group with its whole name."""
    for name, command in sorted(group.commands.items()):
        path = f"{before} {name}".strip()
        if isinstance(command, click.Group):
            yield path, command
            yield from commands(command, path)
        else:
            yield path, command


FILES: dict[str, Callable[[], str]] = {
    "metrics-table.md": metrics_table,
    "kinds-table.md": kinds_table,
    "command-line.md": command_line,
}


def stale() -> list[str]:
    """Names of the generated files that do not say what the code says."""
    return [
        name
        for name, write in FILES.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text("utf-8") != write()
    ]


def main() -> int:
    """Write the files, or check them."""
    if "--check" in sys.argv[1:]:
        found = stale()
        if found:
            print(f"Stale: {', '.join(found)}. Run: uv run python docs/generate.py", file=sys.stderr)
        return 1 if found else 0
    for name, write in FILES.items():
        (DOCS / name).write_text(write(), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
