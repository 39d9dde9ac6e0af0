"""Data comes in: files dropped in the browser, and what lies in the inbox folder."""

from __future__ import annotations

import json
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

import connectors
from components import data_frame, inbox_view, layout, states, uploads
from components.page import Page
from components.view import View
from errors import CockpitError
from i18n import catalogue

WORDS = "data.upload."


def draw(view: View) -> Component:
    """The upload zone, its answers, and the folder."""
    zone = html.Div(
        [
            layout.icon("upload"),
            html.B(view.text("data.upload.drop")),
            html.Span(view.text("data.upload.formats"), className="muted"),
        ],
        id="upload-zone",
        className="upload-zone",
        tabIndex="0",
        role="button",
        **{
            "aria-label": view.text("data.upload.drop"),
            "data-words": json.dumps(_words(view.lang), ensure_ascii=False),
        },
    )
    upload = data_frame.card(
        [zone, _options(view), html.Ul(id="upload-list", className="upload-list", **{"aria-live": "polite"})],
        title=view.text("data.upload.title"),
        note=view.text("data.upload.note"),
    )
    return data_frame.page(
        view,
        "inbox",
        upload if data_frame.may_change(view) else states.not_allowed(view),
        html.Div(inbox_view.draw(view), id="inbox-body"),
        dcc.Store(id="inbox-seen"),
        dcc.Interval(id="inbox-tick", interval=3000),
    )


def _words(lang: str) -> dict[str, str]:
    return {name.removeprefix(WORDS): value for name, value in catalogue(lang).items() if name.startswith(WORDS)}


def _options(view: View) -> Component:
    kinds = [html.Option(view.text("data.upload.kind_auto"), value="")]
    kinds += [html.Option(kind.zh if view.lang == "zh" else kind.en, value=kind.id) for kind in connectors.kinds()]
    platforms = [html.Option(view.text("data.upload.platform_auto"), value="")]
    platforms += [
        html.Option(view.text(f"components.value.platform.{name}"), value=name)
        for name in ("douyin", "taobao", "tmall", "jd", "pdd", "kuaishou", "wechat", "xiaohongshu", "own")
    ]
    return html.Div(
        [
            _labelled(view, "kind", html.Select(kinds, id="upload-kind", className="field")),
            _labelled(view, "platform", html.Select(platforms, id="upload-platform", className="field")),
            _labelled(
                view,
                "shop",
                dcc.Input(
                    id="upload-shop",
                    type="text",
                    className="field",
                    debounce=False,
                    placeholder=view.text("data.upload.shop_hint"),
                ),
            ),
            html.Div(
                dmc.Checkbox(id="upload-try-box", label=view.text("data.upload.try"), size="xs"),
                id="upload-try",
                className="check",
            ),
        ],
        className="upload-options",
    )


def _labelled(view: View, name: str, field: Component) -> Component:
    return html.Label([html.Span(view.text(f"data.upload.{name}"), className="muted"), field], className="labelled")


def _register(app: dash.Dash) -> None:
    uploads.register(app)

    @app.callback(
        Output("inbox-body", "children"),
        Output("inbox-seen", "data"),
        Input("inbox-tick", "n_intervals"),
        State("inbox-seen", "data"),
    )
    def refresh(_beat: Any, seen: str | None) -> Any:
        view = data_frame.here("/data/inbox")
        stamp = inbox_view.stamp(view)
        return (inbox_view.draw(view), stamp) if stamp != seen else (no_update, no_update)

    @app.callback(Output("inbox-note", "children"), Input("inbox-scan", "n_clicks"), prevent_initial_call=True)
    def scan(clicks: int | None) -> Any:
        view = data_frame.here("/data/inbox")
        try:
            inbox_view.scan_now(view.context, data_frame.actor()) if clicks else None
        except CockpitError as error:
            return error.text(view.lang)
        return ""


PAGE = Page(
    id="data_inbox",
    path="/data/inbox",
    aliases=("/data/upload", "/data"),
    title="data.title",
    layout=draw,
    section="governance",
    order=10,
    icon="data",
    filters=False,
    periods=False,
    needs_data=False,
    register=_register,
)
