"""Files from the browser to disk in pieces, and what becomes of them; beside Dash, which would carry files as text.

POST /data/files?name=&size=&offset=[&upload=]   one piece of a file, in order → {"upload", "received", "whole"}
POST /data/files/<upload>/load                   {"kind", "platform", "shop", "try"} → {"job"}
GET  /data/jobs/<id>                             how far it is and what came of it
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from pathlib import Path
from typing import Any

import dash
import flask

import access
import connectors
from components import loading, work
from components.context import Context, current, lang
from connectors.notes import note_text
from errors import UserError
from i18n import text

PIECE = 1 << 20
KEEP_SECONDS = 2 * 86400
PART, NAME_BYTES = ".part", 200  # a name may have 255 bytes on most disks
MOST_BYTES = 20 * 1024**3
_UPLOAD = re.compile(r"[0-9a-f]{32}")


def register(app: dash.Dash) -> None:
    """Add the endpoints to the app's server."""
    rules = (
        ("/data/files", receive, "POST"),
        ("/data/files/<upload>/load", start, "POST"),
        ("/data/jobs/<int:number>", job, "GET"),
    )
    for rule, function, method in rules:
        app.server.add_url_rule(rule, f"data_{function.__name__}", function, methods=[method])


def folder(context: Context, upload: str) -> Path:
    """Where an upload lies.

    Raises:
        UserError: `upload_unknown` for a name that cannot be one.
    """
    if not _UPLOAD.fullmatch(upload):
        raise UserError("upload_unknown", upload=upload[:40])
    return context.settings.tmp / "uploads" / upload


def file_of(context: Context, upload: str) -> Path:
    """The whole file of an upload.

    Raises:
        UserError: `upload_unknown` when it is not there (any more).
    """
    found = [path for path in folder(context, upload).glob("*") if not path.name.endswith(PART)]
    if not found:
        raise UserError("upload_unknown", upload=upload)
    return found[0]


def safe_name(name: str) -> str:
    """A file name without folders, control characters or what Windows forbids, short enough for any disk."""
    last = re.split(r"[\\/]", name)[-1].removesuffix(PART)
    plain = re.sub(r'[\x00-\x1f<>:"|?*\ud800-\udfff]', "_", last).strip(". ")
    return plain.encode()[-NAME_BYTES:].decode(errors="ignore").strip(". ") or "file"


def receive() -> flask.Response:
    """Append one piece; the piece must begin where the last one ended, so that nothing is lost or doubled."""
    access.require(access.current_user(), "load")
    context, args = current(), flask.request.args
    offset, size = args.get("offset", 0, int), args.get("size", -1, int)
    if size < 0 or size > MOST_BYTES or offset < 0:
        raise UserError("upload_size", size=size, most=MOST_BYTES // 1024**3)
    upload = args.get("upload") or secrets.token_hex(16)
    place, name = folder(context, upload), safe_name(args.get("name", ""))
    if not args.get("upload"):
        _sweep(place.parent)
        place.mkdir(parents=True)
    elif not place.is_dir():
        raise UserError("upload_unknown", upload=upload)
    part = place / f"{name}{PART}"
    have = part.stat().st_size if part.exists() else 0
    if have != offset:
        return flask.make_response(flask.jsonify({"upload": upload, "received": have, "whole": False}), 409)
    received = have + _append(part, size - have)
    if received == size:
        part.replace(place / name)
    return flask.jsonify({"upload": upload, "received": received, "whole": received == size})


def _append(part: Path, most: int) -> int:
    """Write the request's body behind the file, a piece at a time; never more than `most` bytes."""
    written = 0
    with part.open("ab") as out:
        while written < most and (piece := flask.request.stream.read(min(PIECE, most - written))):
            written += out.write(piece)
    return written


def _sweep(root: Path) -> None:
    """Forget uploads that nobody loaded."""
    for old in root.glob("*") if root.exists() else ():
        if time.time() - old.stat().st_mtime > KEEP_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


def start(upload: str) -> flask.Response:
    """Queue the loading (or the trying out) of an upload."""
    user = access.require(access.current_user(), "load")
    context, body = current(), flask.request.get_json(silent=True) or {}
    path = file_of(context, upload)
    said = {name: str(body.get(name) or "").strip() or None for name in ("kind", "platform", "shop")}
    asked = loading.Asked(said["kind"], said["platform"], said["shop"], barred=access.barred_facts(user))
    queued = submit(context, upload, path, asked, user.name, trying=bool(body.get("try")))
    return flask.jsonify({"job": queued.id})


def submit(
    context: Context, upload: str, path: Path, asked: loading.Asked, user: str, *, trying: bool = False
) -> work.Job:
    """Load in the background; a loaded upload is deleted (the archive has it), a failed one waits for a mapping."""

    def do(report: work.Report) -> Any:
        if trying:
            return loading.try_out(context, path, asked, report)
        done = loading.load(context, path, asked, report, user)
        shutil.rmtree(path.parent, ignore_errors=True)
        return done

    return work.of(context).submit(path.name, do, user, upload=upload, trying=trying)


def job(number: int) -> flask.Response:
    """A job for the person who started it."""
    user = access.require(access.current_user(), "load")
    found = work.of(current()).get(number)
    if found is None or found.user != user.name:
        raise UserError("job_unknown", job=number)
    return flask.jsonify(told(found, lang()))


def told(found: work.Job, language: str) -> dict[str, Any]:
    """A job as JSON in the reader's words."""
    code = getattr(found.error, "code", None)
    return {
        "id": found.id,
        "name": found.name,
        "state": found.state,
        "share": found.share,
        "trying": found.facts.get("trying", False),
        "label": text(f"data.stage.{found.label}", language) if found.label else "",
        "error": found.sentence(language),
        "map": f"/data/mapping?file={found.facts['upload']}" if code in ("unknown_kind", "missing_columns") else None,
        "batches": [_batch_told(batch, language) for batch in found.result or ()]
        if isinstance(found.result, list)
        else [],
    }


def _batch_told(batch: dict[str, Any], language: str) -> dict[str, Any]:
    kind = connectors.kind_named(batch["kind"])
    name = batch["kind"] if kind is None else kind.zh if language == "zh" else kind.en
    counts = {field: f"{batch[field]:,}" for field in ("rows_read", "accepted", "unchanged", "quarantined")}
    reasons = [{**reason, "text": text(f"reason.{reason['reason']}", language)} for reason in batch.get("reasons", ())]
    return {
        "kind": name,
        "batch_id": batch["batch_id"],
        "seconds": batch["seconds"],
        **counts,
        "reasons": reasons,
        "clean": batch["quarantined"] == 0,
        "notes": [note_text(note, language) for note in batch["notes"]],
    }
