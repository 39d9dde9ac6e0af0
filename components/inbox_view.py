"""What lies in the inbox folder, what is being loaded, and what became of the last files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from components import data_frame, layout, states, work
from components import format as fmt
from components.context import Context
from components.view import View
from config import Settings, now
from connectors import inbox
from connectors.mapping_store import LedgerMappings
from i18n import LANGUAGES

MOST = 12


@dataclass(frozen=True)
class Entry:
    """One file of the folder. `why` is the reason written beside a failed one."""

    name: str
    size: int
    changed: datetime
    state: Literal["waiting", "done", "failed"]
    why: str = ""


def entries(settings: Settings) -> list[Entry]:
    """Files of the inbox and its `done` and `failed` folders, the newest first."""
    root = settings.inbox
    if not root.is_dir():
        return []
    found = [_entry(path, "waiting", settings) for path in inbox.candidates(root)]
    for state, folder in (("done", root / inbox.DONE), ("failed", root / inbox.FAILED)):
        for path in folder.rglob("*"):
            if path.is_file() and not (state == "failed" and _is_reason(path)):
                found.append(_entry(path, state, settings))  # type: ignore[arg-type]
    return sorted(found, key=lambda entry: entry.changed, reverse=True)


def _is_reason(path: Path) -> bool:
    return path.suffix == ".txt" and path.with_suffix("").exists()


def _entry(path: Path, state: Literal["waiting", "done", "failed"], settings: Settings) -> Entry:
    stat = path.stat()
    changed = datetime.fromtimestamp(stat.st_mtime, ZoneInfo(settings.timezone)).replace(tzinfo=None)
    reason = path.with_name(path.name + ".txt")
    why = reason.read_text("utf-8", "replace").strip() if state == "failed" and reason.exists() else ""
    return Entry(path.name, stat.st_size, changed, state, why)


def stamp(view: View) -> str:
    """Changes whenever the picture would."""
    files = [(entry.name, entry.size, entry.state) for entry in entries(view.context.settings)]
    jobs = [(job.id, job.state, job.label, round(job.share, 2)) for job in work.of(view.context).jobs()[:MOST]]
    return f"{view.lang} {hash((tuple(files), tuple(jobs)))}"


def scan_now(context: Context, user: str) -> work.Job:
    """Load what is whole without waiting for the next round."""
    store = LedgerMappings(context.ledger)
    return work.of(context).submit(
        "inbox", lambda report: inbox.scan(context.settings, context.warehouse.load, store=store), user
    )


def draw(view: View) -> Any:
    """Two cards: the folder, and what happened lately."""
    found = entries(view.context.settings)
    return layout.grid(
        _folder(view, [entry for entry in found if entry.state == "waiting"]),
        _recent(view, [entry for entry in found if entry.state != "waiting"][:MOST]),
        columns="1fr 1fr",
    )


def _folder(view: View, waiting: list[Entry]) -> Component:
    body: list[Any] = [
        html.Div(
            [
                html.Span(view.text("data.inbox.folder"), className="muted"),
                html.Code(str(view.context.settings.inbox), className="break"),
            ],
            className="path-line",
        )
    ]
    for job in work.of(view.context).jobs():
        if job.open:
            body.append(
                html.Div(
                    [
                        html.Span(view.text("data.inbox.running")),
                        html.B(_job_name(view, job)),
                        html.Progress(value=str(round(job.share * 100)), max="100"),
                    ],
                    className="running",
                )
            )
    body.append(
        _table(view, waiting)
        if waiting
        else states.message("✓", view.text("data.inbox.nothing"), view.text("data.inbox.nothing_hint"))
    )
    corner = (
        [
            html.Span(id="inbox-note", className="muted"),
            html.Button(view.text("data.inbox.scan"), id="inbox-scan", className="button small"),
        ]
        if data_frame.may_change(view)
        else None
    )
    return data_frame.card(body, title=view.text("data.inbox.title"), note=view.text("data.inbox.note"), corner=corner)


def _job_name(view: View, job: work.Job) -> str:
    return view.text("data.inbox.scan_job") if job.name == "inbox" else job.name


def _recent(view: View, entries: list[Entry]) -> Component:
    body = (
        _table(view, entries)
        if entries
        else states.message("∅", view.text("data.inbox.no_recent"), view.text("data.inbox.no_recent_hint"))
    )
    return layout.card(body, title=view.text("data.inbox.recent"), note=view.text("data.inbox.recent_note"))


def _table(view: View, entries: list[Entry]) -> Component:
    clock = now(view.context.settings)
    rows: list[Any] = []
    for entry in entries[:MOST]:
        state = html.Span(view.text(f"data.inbox.{entry.state}"), className=f"chip state-{entry.state}")
        rows.append(
            html.Tr(
                [
                    html.Td(entry.name, title=entry.name),
                    html.Td(data_frame.size(entry.size), className="num"),
                    html.Td(fmt.moment(entry.changed, clock)),
                    html.Td(state),
                ]
            )
        )
        if entry.why:
            rows.append(html.Tr(html.Td(_in_words(entry.why, view.lang), colSpan=4, className="why-line")))
    head = [view.text(f"data.inbox.{name}") for name in ("file", "size", "changed", "state")]
    return html.Div(
        html.Table(
            [html.Thead(html.Tr([html.Th(title, scope="col") for title in head])), html.Tbody(rows)], className="table"
        ),
        className="table-scroll",
    )


def _in_words(why: str, lang: str) -> str:
    """The reader's paragraph of a reason, which is written in every language."""
    paragraphs = why.split("\n\n")
    at = LANGUAGES.index(lang)
    return paragraphs[at] if len(paragraphs) > at else why
