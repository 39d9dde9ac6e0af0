"""The wall's page: the empty frame of one screen. It carries no number; assets/wall.js fills it and keeps it honest.

It stands outside the Dash page on purpose: a wall runs for weeks, must come back by itself, and a wall key must open
nothing but the wall.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape

from components import tokens
from i18n import catalogue, text

ASSETS = ("wall.css", "wall_draw.js", "wall.js")
TILES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (  # row → (tile, CSS classes)
    ("kpis", (("gmv", "kpi hero"), ("pace", "kpi pacing"), ("orders", "kpi"), ("net_sales", "kpi"), ("cvr", "kpi"))),
    ("upper", (("curve", ""), ("skus", ""))),
    ("lower", (("channels", ""), ("live", ""), ("provinces", "provinces"))),
)
TIMING = {
    "tick_ms": 1500,
    "timeout_ms": 8000,
    "max_wait_ms": 15000,
    "lost_seconds": 12,
    "refresh_ms": 60000,
    "shift_ms": 90000,
}
_SOUND = "M3 9v6h4l5 5V4L7 9H3zm13.5 3a4.5 4.5 0 0 0-2.5-4.03v8.06A4.5 4.5 0 0 0 16.5 12z"
_FULL = "M5 5h6v2H7v4H5V5zm8 0h6v6h-2V7h-4V5zM5 13h2v4h4v2H5v-6zm12 0h2v6h-6v-2h4v-4z"


def page(screen: str, lang: str, rise: str, app: str) -> str:
    """The HTML of one screen in the reader's language; `app` is the build that the page must match."""
    words = {
        name.removeprefix("wall.js."): value for name, value in catalogue(lang).items() if name.startswith("wall.js.")
    }
    settings = {
        **TIMING,
        "app": app,
        "tick_url": "/api/v1/tick",
        "model_url": f"/wall/{screen}?format=json&lang={lang}",
    }
    scripts = "".join(
        f'<script defer src="/assets/{name}?v={app}"></script>' for name in ASSETS if name.endswith(".js")
    )
    return (
        f'<!doctype html><html class="wall" lang="{"zh-CN" if lang == "zh" else "en"}"'
        f' data-theme="dark" data-rise="{rise}">'
        f'<head><meta charset="utf-8"><title>{escape(text("wall.name", lang))}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f'<style>{tokens.css()}</style><link rel="stylesheet" href="/assets/wall.css?v={app}"></head>'
        f"<body>{_body(lang)}{_data('wall-words', words)}{_data('wall-settings', settings)}{scripts}</body></html>"
    )


def _body(lang: str) -> str:
    rows = "".join(
        f'<div class="wall-row wall-{row}">{"".join(_tile(name, classes, lang) for name, classes in tiles)}</div>'
        for row, tiles in TILES
    )
    alarm = '<div class="wall-alarm" data-part="alarm" role="alert" hidden></div>'
    veil = '<div class="wall-veil" id="wall-veil" role="alert" hidden><div><p></p><small></small></div></div>'
    return f'<main id="wall" class="quiet" aria-busy="true">{_head(lang)}{alarm}{rows}</main>{veil}'


def _head(lang: str) -> str:
    return (
        f'<div class="wall-head"><h1 data-part="title">{escape(text("wall.name", lang))}</h1>'
        f'<span class="wall-sub" data-part="sub">{escape(text("wall.loading", lang))}</span>'
        '<span class="wall-note" data-part="note" hidden></span><span class="wall-gap"></span>'
        '<span class="wall-fresh" data-part="fresh"><span class="dot"></span>'
        '<span class="through"></span><span class="late"></span></span>'
        f'<span class="wall-tools">{_button("sound", _SOUND, lang)}{_button("full", _FULL, lang)}</span>'
        '<span class="wall-clock" data-part="clock" role="timer"></span></div>'
    )


def _button(part: str, path: str, lang: str) -> str:
    label = escape(text(f"wall.{part}", lang), quote=True)
    icon = f'<svg viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" d="{path}"/></svg>'
    said = f'title="{label}" aria-label="{label}"'
    return f'<button type="button" data-part="{part}" aria-pressed="false" {said}>{icon}</button>'


def _tile(name: str, classes: str, lang: str) -> str:
    return (
        f'<section class="tile {classes}" data-tile="{name}"><header><h2>{escape(text(f"wall.tile.{name}", lang))}</h2>'
        '<span class="age"></span></header><div class="body"></div><p class="stale-note"></p></section>'
    )


def _data(name: str, value: Mapping[str, object]) -> str:
    # '<' is written as an escape so that no text of a shop can end the script element.
    body = json.dumps(value, ensure_ascii=False).replace("<", chr(92) + "u003c")
    return f'<script type="application/json" id="{name}">{body}</script>'
