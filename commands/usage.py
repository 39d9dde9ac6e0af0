"""Wrong usage in the reader's language: click speaks English only."""

from __future__ import annotations

import re

import click

from i18n import text

_QUOTED = re.compile(r"'([^']*)'")


def sentence(error: click.ClickException, lang: str) -> str:
    """One sentence: what is wrong with the words of a command line, and where its help is."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    return _what(error, lang) + (text("commands.usage.help", lang, command=context.command_path) if context else "")


def _what(error: click.ClickException, lang: str) -> str:
    if isinstance(error, click.NoSuchOption):
        return text("commands.usage.no_option", lang, name=error.option_name)
    if isinstance(error, click.BadOptionUsage):
        return text("commands.usage.needs_value", lang, name=error.option_name)
    if isinstance(error, click.BadParameter):  # a missing one too
        name = _name(error)
        key = "missing" if isinstance(error, click.MissingParameter) else "bad_value"
        return text(f"commands.usage.{key}", lang, name=name, value=_value(error)) + _fits(error, lang)
    if type(error).__name__ == "NoSuchCommand" or error.message.startswith("No such command"):
        return text("commands.usage.no_command", lang, name=_value(error))
    return error.format_message().rstrip(".") + ("。" if lang == "zh" else ".")


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint or "")
    options = [option for option in error.param.opts if option.startswith("--")]
    return options[0] if options else (error.param.human_readable_name or "")


def _value(error: click.ClickException) -> str:
    found = _QUOTED.search(error.message or "")
    return found.group(1) if found else ""


def _fits(error: click.BadParameter, lang: str) -> str:
    """What may stand there."""
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.Choice):
        return text("commands.usage.choices", lang, choices=", ".join(str(one) for one in kind.choices))
    if isinstance(kind, click.IntRange) and kind.min is not None:
        return text("commands.usage.at_least", lang, least=kind.min)
    return text("commands.usage.whole", lang) if kind is click.INT else ""
