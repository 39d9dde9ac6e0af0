"""A file nobody knows: what each of its columns means, guessed first, confirmed by a person, remembered."""

from __future__ import annotations

from typing import Any

import dash
from dash import ALL, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from components import data_frame, layout, mapping_view, states, uploads
from components.page import Page
from components.view import View
from errors import CockpitError


def draw(view: View) -> Component:
    """The columns of the upload that the address names, and the mappings that are remembered."""
    upload = view.extra.get("file", "")
    return data_frame.page(
        view,
        "inbox",
        dcc.Store(id="map-upload", data=upload),
        dcc.Location(id="map-leave", refresh="callback-nav"),
        _ask(view, upload),
        html.Div(mapping_view.remembered(view), id="map-saved"),
    )


def _ask(view: View, upload: str) -> Component:
    if not upload:
        return layout.card(
            states.message(
                "∅",
                view.text("data.mapping.nothing"),
                view.text("data.mapping.nothing_hint"),
                [html.A(view.text("data.tab.inbox"), href="/data/inbox", className="button", **{"data-nav": "1"})],
            )
        )
    try:
        path = uploads.file_of(view.context, upload)
        proposals = mapping_view.proposals(view.context, path)
    except CockpitError as error:
        return layout.card(states.message("!", error.text(view.lang), "", None, "failed"))
    best = proposals[0]
    kinds = [{"label": data_frame.kind_name(view, one.kind), "value": one.kind} for one in proposals]
    return data_frame.card(
        [
            mapping_view.head(view, kinds, best.kind),
            html.Div(mapping_view.columns(view, best), id="map-columns"),
            html.Div(
                [
                    html.Div(id="map-check", role="status"),
                    html.Button(
                        view.text("data.mapping.confirm"), id="map-confirm", className="button primary", disabled=True
                    ),
                    html.Div(id="map-note", role="status"),
                ],
                className="map-foot",
            ),
        ],
        title=view.text("data.mapping.title"),
        note=view.text("data.mapping.intro", file=path.name),
    )


def _register(app: dash.Dash) -> None:
    @app.callback(
        Output("map-columns", "children"),
        Input("map-kind", "value"),
        State("map-upload", "data"),
        prevent_initial_call=True,
    )
    def propose(kind: str, upload: str) -> Any:
        view = data_frame.here("/data/mapping")
        try:
            found = mapping_view.proposals(view.context, uploads.file_of(view.context, upload), kind)
        except CockpitError as error:
            return html.P(error.text(view.lang), className="data-error", role="alert")
        return mapping_view.columns(view, found[0])

    @app.callback(
        Output("map-check", "children"),
        Output("map-confirm", "disabled"),
        Input({"map": ALL}, "value"),
        State("map-kind", "value"),
    )
    def check(chosen: list[str], kind: str) -> Any:
        view = data_frame.here("/data/mapping")
        problem = mapping_view.problem(view, kind, chosen)
        return html.Span(
            problem or view.text("data.mapping.complete"), className="data-error" if problem else "data-told"
        ), bool(problem)

    @app.callback(
        Output("map-leave", "href"),
        Output("map-note", "children"),
        Input("map-confirm", "n_clicks"),
        State({"map": ALL}, "value"),
        State({"map": ALL}, "id"),
        State("map-kind", "value"),
        State("map-platform", "value"),
        State("map-shop", "value"),
        State("map-upload", "data"),
        prevent_initial_call=True,
    )
    def confirm(
        clicks: int | None,
        chosen: list[str],
        ids: list[dict[str, str]],
        kind: str,
        platform: str,
        shop: str,
        upload: str,
    ) -> Any:
        if not clicks:
            return no_update, no_update
        view = data_frame.here("/data/mapping")
        columns = {one["map"]: field for one, field in zip(ids, chosen, strict=True) if field}
        try:
            job = mapping_view.confirm(
                view.context, upload, kind, columns, platform, shop, data_frame.actor(), data_frame.barred()
            )
        except CockpitError as error:
            return no_update, html.Span(error.text(view.lang), className="data-error", role="alert")
        return f"/data/inbox?job={job.id}", no_update

    @app.callback(
        Output("map-saved", "children"),
        Input({"forget": ALL}, "n_clicks"),
        State({"forget": ALL}, "id"),
        prevent_initial_call=True,
    )
    def forget(clicks: list[int | None], _ids: list[dict[str, str]]) -> Any:
        view = data_frame.here("/data/mapping")
        if any(clicks) and isinstance(dash.ctx.triggered_id, dict):
            data_frame.actor()
            mapping_view.forget(view.context, dash.ctx.triggered_id["forget"])
        return mapping_view.remembered(view)


PAGE = Page(
    id="data_mapping",
    path="/data/mapping",
    title="data.tab.mapping",
    layout=draw,
    filters=False,
    periods=False,
    needs_data=False,
    register=_register,
)
