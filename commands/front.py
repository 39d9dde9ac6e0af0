"""Between the command line and the commands: reads arguments, shows progress, prints the outcome."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from typing import Any, NoReturn

import click

from commands.outcome import FAILED, USAGE, Args, Outcome, Progress, silent
from commands.progress_bar import ProgressBar


def main(cli: click.Group, argv: list[str] | None = None) -> int:
    """Run the command line; wrong usage is one sentence on standard error and exit code 2."""
    _speak_utf8()
    arguments = sys.argv[1:] if argv is None else argv
    if arguments and arguments[0].startswith("-") and arguments[0] not in ("-h", "--help"):
        arguments = ["serve", *arguments]  # bare options belong to the web app, as a bare call does
    try:
        result = cli.main(arguments, prog_name="app.py", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        from commands.usage import sentence

        print(sentence(error, _lang()), file=sys.stderr)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        return FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader left (`| head`); nothing to tell
        return 0
    except SystemExit as stop:
        return int(stop.code or 0)


def _lang() -> str:
    """The language of a sentence that no command was needed for; settings that cannot be read are told elsewhere."""
    from commands.run import speech
    from config import Settings, load_settings
    from errors import CockpitError

    try:
        return speech(load_settings())
    except CockpitError:
        return speech(Settings())


def leave(code: int) -> NoReturn:
    """End the process at once: all is closed, and DuckDB's binding complains when threads outlive its teardown."""
    logging.shutdown()
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def run(name: str, args: Args) -> NoReturn:
    """Carry out a command and leave with its exit code."""
    from commands.run import run as carry_out

    if "as_json" in args:
        args["json"] = args.pop("as_json")
    bar = ProgressBar() if sys.stderr.isatty() else None
    progress: Progress = bar.show if bar else silent
    outcome = carry_out(name, args, progress)
    if bar:
        bar.clear()
    sys.exit(show(outcome))


def show(outcome: Outcome) -> int:
    """Print what a command gave back; its exit code."""
    if outcome.out:
        print(outcome.out)
    if outcome.err:
        print(outcome.err, file=sys.stderr)
    sys.stdout.flush()
    return outcome.exit_code


def serve(host: str | None, port: int | None, demo: bool) -> int:
    """Start the web app; returns when it was told to stop."""
    from dataclasses import replace

    from commands.run import speech
    from config import load_settings
    from errors import CockpitError

    lang = "zh"
    try:
        settings = load_settings()
        lang = speech(settings)
        settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
        from commands.serve import serve as serve_forever

        return serve_forever(settings, lang, demo=demo)
    except CockpitError as error:
        print(error.text(lang), file=sys.stderr)
        return FAILED


def simulate(arguments: list[str]) -> int:
    """Hand over to the simulator, which imports nothing of the product and reads its own arguments."""
    import runpy

    sys.argv = ["app.py simulate", *arguments]
    try:
        runpy.run_module("simulator", run_name="__main__", alter_sys=False)
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def _speak_utf8() -> None:
    """Chinese survives a Windows console or a C locale; what a terminal cannot show becomes '?'."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")
