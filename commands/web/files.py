"""Scripts and styles, compressed once: 4 MB of JavaScript are not squeezed anew for every reader.

Numbers and pages are compressed as they come (flask-compress); files are kept compressed in memory by content.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import re
import threading
import time
from contextlib import closing

import brotli
import dash
import flask
from flask_compress import Compress
from werkzeug.wrappers import Response

log = logging.getLogger(__name__)
PREFIXES = ("/_dash-component-suites/", "/assets/")
TYPES = ("text/javascript", "application/javascript", "text/css", "image/svg+xml", "application/json", "font/ttf")
SMALLEST, BROTLI_LEVEL, GZIP_LEVEL = 700, 7, 6
KEEP_BYTES = 48 * 2**20


class CompressedFiles:
    """The compressed forms of files, by the hash of their content."""

    def __init__(self) -> None:
        self._kept: dict[tuple[bytes, str], bytes] = {}
        self._size = 0
        self._lock = threading.Lock()

    def form(self, body: bytes, encoding: str) -> bytes:
        """The body compressed as 'br' or 'gzip', from memory when it was asked for before."""
        key = (hashlib.blake2b(body, digest_size=16).digest(), encoding)
        kept = self._kept.get(key)
        if kept is None:
            kept = (
                brotli.compress(body, quality=BROTLI_LEVEL)
                if encoding == "br"
                else gzip.compress(body, GZIP_LEVEL, mtime=0)
            )
            with self._lock:
                if self._size + len(kept) <= KEEP_BYTES:
                    self._kept[key] = kept
                    self._size += len(kept)
        return kept


def register(app: dash.Dash) -> CompressedFiles:
    """Compress what the app's server sends; gives the store of compressed files."""
    server = app.server
    server.config.update(COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=4, COMPRESS_STREAMS=False)
    Compress(server)
    files = CompressedFiles()

    @server.after_request  # registered later, so it runs before flask-compress, which leaves encoded bodies alone
    def compress_file(response: Response) -> Response:
        if response.status_code == 200 and flask.request.path.startswith(PREFIXES) and response.mimetype in TYPES:
            _compress(files, response)
        return response

    return files


def _compress(files: CompressedFiles, response: Response) -> None:
    encoding = flask.request.accept_encodings.best_match(["br", "gzip"])
    if "Content-Encoding" in response.headers or not encoding:
        return
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < SMALLEST:
        return
    response.set_data(files.form(body, encoding))
    response.headers["Content-Encoding"] = encoding
    response.vary.add("Accept-Encoding")
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(f"{etag}-{encoding}")
        response.make_conditional(flask.request)


def warm(app: dash.Dash, files: CompressedFiles) -> threading.Thread:
    """Compress what the first page needs before anybody asks for it."""

    def work() -> None:
        began = time.perf_counter()
        try:
            with app.server.test_request_context("/"):
                page = app.index()
            html = page if isinstance(page, str) else page.get_data(as_text=True)
            addresses = [path for path in re.findall(r'(?:src|href)="(/[^"]+)"', html) if path.startswith(PREFIXES)]
            for path in dict.fromkeys(addresses):
                _warm_one(app, files, path)
        except Exception:  # a cold cache is slower, not wrong
            log.exception("warming the files failed")
        log.info("files warmed in %.1f s", time.perf_counter() - began)

    thread = threading.Thread(target=work, name="warm-files", daemon=True)
    thread.start()
    return thread


def _warm_one(app: dash.Dash, files: CompressedFiles, path: str) -> None:
    with app.server.test_request_context(path):
        with closing(app.server.make_response(app.server.dispatch_request())) as response:
            response.direct_passthrough = False
            body = response.get_data()
        if response.status_code == 200 and response.mimetype in TYPES and len(body) >= SMALLEST:
            files.form(body, "br")
