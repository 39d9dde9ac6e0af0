"""One shape for every error over HTTP: `{"error": {"code", "message", "fields"}}`."""

from __future__ import annotations

import logging
import secrets

import flask
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from access.auth import error_body, request_lang
from commands.web.bodies import UPDATE
from errors import CockpitError, RetryableError, UserError

log = logging.getLogger(__name__)
_STATUS = {
    "not_signed_in": 401, "not_allowed": 403, "act_not_allowed": 403, "wall_only": 403, "raw_not_allowed": 403,
    "write_not_allowed": 403, "csrf": 403, "not_found": 404,
    "method_not_allowed": 405, "too_large": 413, "bad_request": 400, "internal": 500,
}  # fmt: skip
UNUSABLE = (TypeError, AttributeError, ValueError, LookupError, AssertionError)
"""What a callback raises that was given a value of another form than its page sends; `bodies` knows the outer form.
The log keeps the whole error, in case it was ours."""
_NAMES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def register(server: flask.Flask) -> None:
    """Turn every error of a request into the one shape."""
    server.register_error_handler(CockpitError, from_cockpit)
    server.register_error_handler(HTTPException, _from_http)
    server.register_error_handler(Exception, _from_anything)


def from_cockpit(error: CockpitError) -> Response:
    """The response for an error this product raised on purpose."""
    status = _STATUS.get(error.code)
    if status is None:
        status = 400 if isinstance(error, UserError) else 503 if isinstance(error, RetryableError) else 500
    response = flask.jsonify(error_body(error, request_lang()))
    response.status_code = status
    if isinstance(error, RetryableError):
        response.headers["Retry-After"] = "5"
    return response


def _from_http(error: HTTPException) -> Response:
    if error.code is not None and error.code < 400:
        return error.get_response()
    code = _NAMES.get(error.code or 500, "bad_request" if (error.code or 500) < 500 else "internal")
    response = from_cockpit(UserError(code, path=flask.request.path, method=flask.request.method, reference="–"))
    response.status_code = error.code or 500
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _from_anything(error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("internal error %s at %s", reference, flask.request.path, exc_info=error)
    if flask.request.path == UPDATE and isinstance(error, UNUSABLE):
        return from_cockpit(UserError("bad_callback", reference=reference))
    return from_cockpit(UserError("internal", path=flask.request.path, reference=reference))
