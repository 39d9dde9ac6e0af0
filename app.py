"""The front door: `uv run app.py COMMAND`. What a command does is in `commands/`; here is only how it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from commands import front, front_operators
from commands.words import COMPARISONS, GRAINS, PERIOD_WORDS

Decorator = Callable[[Callable[..., None]], Callable[..., None]]
json_option: Decorator = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def cli(context: click.Context) -> None:
    """Cockpit · 电商驾驶舱: the operations cockpit of a merchant. Without a command: the web app (serve)."""
    if context.invoked_subcommand is None:
        context.invoke(serve)


@cli.command()
@click.option("--host", help="Address to listen on; default 127.0.0.1, this machine only.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; default 8050, 0 picks a free one.")
@click.option("--demo", is_flag=True, help="Load the demo shop if the warehouse is empty; opens without a password.")
def serve(host: str | None = None, port: int | None = None, demo: bool = False) -> None:
    """The web app."""
    sys.exit(front.serve(host, port, demo))


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", help="What the files are; see `kinds`.")
@click.option(
    "--mapping", type=click.Path(path_type=Path), help="TOML or JSON: header = field, for a file nobody knows."
)
@click.option("--shop", help="The shop's name.")
@click.option("--platform", help="douyin, taobao, tmall, jd, pdd or own.")
@click.option("--dry-run", is_flag=True, help="Read and check, change nothing.")
@click.option("--strict", is_flag=True, help="Exit 3 when a row had to be quarantined.")
@json_option
def load(paths: tuple[Path, ...], mapping: Path | None, **args: Any) -> None:
    """Load export files or folders."""
    args["paths"] = [str(path.absolute()) for path in paths]
    args["mapping"] = str(mapping.absolute()) if mapping else None
    front.run("load", args)


@cli.command()
@json_option
def kinds(**args: Any) -> None:
    """What can be loaded."""
    front.run("kinds", args)


@cli.command()
@json_option
def metrics(**args: Any) -> None:
    """The catalogue: definitions and tree."""
    front.run("metrics", args)


@cli.command()
@json_option
def sources(**args: Any) -> None:
    """Sources and how fresh they are."""
    front.run("sources", args)


@cli.command()
@click.argument("metrics", nargs=-1, required=True)
@click.option("--by", multiple=True, help="Dimension; repeatable, or a list with commas.")
@click.option("--grain", type=click.Choice(GRAINS), help="Cut by time.")
@click.option("--period", type=click.Choice(PERIOD_WORDS), help="A period word instead of dates.")
@click.option("--start", help="First day (inclusive), a date-time, or a period word.")
@click.option("--end", help="Last day (inclusive), or a date-time (exclusive).")
@click.option("--where", multiple=True, metavar="DIM=V[,V]", help="Keep only these values; repeatable.")
@click.option("--compare", type=click.Choice(COMPARISONS), help="Set beside each value.")
@click.option("--limit", type=click.IntRange(1), help="At most so many rows.")
@click.option("--order", metavar="±METRIC", help="Sort: -gmv biggest first, +gmv smallest first.")
@click.option("--as-known", help="Only what was loaded up to this time.")
@click.option("--expected", is_flag=True, help="Also what young numbers will come to, in all or by platform and shop.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--sql", is_flag=True, help="Also show the SQL (on standard error).")
@click.option("--as", "as_user", metavar="USER", help="With that user's rights.")
def query(**args: Any) -> None:
    """Numbers of the catalogue, e.g. query gmv orders --by platform --grain day."""
    front.run("query", args)


@cli.command()
@click.argument("metric")
@click.option("--start", required=True, help="First day (inclusive), or a date-time.")
@click.option("--end", required=True, help="Last day (inclusive), or a date-time (exclusive).")
@click.option("--base-start", required=True, help="First day of the period compared with.")
@click.option("--base-end", required=True, help="Last day of the period compared with.")
@click.option("--by", multiple=True, help="Only these dimensions; repeatable, or a list with commas.")
@click.option("--where", multiple=True, metavar="DIM=V[,V]", help="Keep only these values; repeatable.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--as", "as_user", metavar="USER", help="With that user's rights.")
def explain(**args: Any) -> None:
    """Why a number changed: tree, dimensions, corners, coincidences."""
    front.run("explain", args)


@cli.group()
def quarantine() -> None:
    """Rows that could not be used."""


@quarantine.command("list")
@click.option("--all", "every", is_flag=True, help="Closed ones too.")
@json_option
def quarantine_list(**args: Any) -> None:
    """How many, by batch and reason."""
    front.run("quarantine list", args)


@quarantine.command("show")
@click.argument("batch", type=int)
@click.option("--reason", help="Only this reason.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@json_option
def quarantine_show(**args: Any) -> None:
    """The rows of one batch with their reasons."""
    front.run("quarantine show", args)


@quarantine.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--batch", type=int, help="Only this batch.")
def quarantine_export(file: Path, **args: Any) -> None:
    """Write the rows to a CSV that can be mended and loaded again."""
    front.run("quarantine export", {**args, "file": str(file.absolute())})


@quarantine.command("replay")
@click.argument("batch", type=int, required=False)
@json_option
def quarantine_replay(**args: Any) -> None:
    """Try the rows again, after a mend of the program or of the mapping."""
    front.run("quarantine replay", args)


@cli.command()
@click.argument("source")
@click.option("--since", help="From this time instead of where the last pull stopped.")
@json_option
def pull(**args: Any) -> None:
    """Ask one platform API now."""
    front.run("pull", args)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def simulate(arguments: tuple[str, ...]) -> None:
    """The simulated platforms: write a shop's export files, or answer like a platform's API."""
    sys.exit(front.simulate(list(arguments)))


@cli.group(invoke_without_command=True)
@click.pass_context
def demo(context: click.Context) -> None:
    """The demo shop: load it into an empty warehouse."""
    if context.invoked_subcommand is None:
        front.run("demo load", {})


@demo.command("remove")
def demo_remove() -> None:
    """Take the demo shop out again."""
    front.run("demo remove", {})


for group in front_operators.GROUPS:
    cli.add_command(group)

if __name__ == "__main__":
    front.leave(front.main(cli))
