"""A refusal as a page, as JSON, or as a note for a part of a page: all from errors.py."""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask, current_app, g, jsonify, make_response, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from .access.policy import NoWorkspace, identify
from .db import unavailable
from .errors import Busy, FormloomError, NotFound, NotSignedIn, TooLarge, TooMany


class WrongMethod(FormloomError):
    status = 405
    code = "wrong_method"
    sentence = _("This address does not take that kind of request.")
    remedy = _("Go back and use the buttons of the page.")


class BadRequest(FormloomError):
    status = 400
    code = "bad_request"
    sentence = _("This request could not be understood.")
    remedy = _("Go back, reload the page and try again.")


class PageExpired(FormloomError):
    """No valid CSRF token: the page is older than the sign-in, or the request comes from elsewhere."""

    status = 400
    code = "page_expired"
    sentence = _("This page is too old to be sent; nothing was changed.")
    remedy = _("Go back, reload the page and send it again.")


KNOWN = {404: NotFound, 405: WrongMethod, 413: TooLarge, 429: TooMany, 503: Busy}


def set_up_error_pages(app: Flask) -> None:
    app.register_error_handler(FormloomError, answer)
    app.register_error_handler(CSRFError, lambda error: answer(PageExpired()))
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(InternalServerError, _unexpected)
    app.register_error_handler(sa.exc.OperationalError, _from_database)


def answer(error: FormloomError):
    """The error in the form that the request asked for."""
    if wants_json():
        return jsonify(error=error.as_json()), error.status
    if getattr(current_app.view_functions.get(request.endpoint or ""), "policy", "") == "link":
        return render_template("shared/problem.html", error=error), error.status
    if isinstance(error, NotSignedIn):
        return _to_sign_in()
    if session.who is not None and g.actor is None and error.status < 500:
        identify()  # an address that no route knows asked nobody; the page around the error does
    if isinstance(error, NoWorkspace) and request.method == "GET":
        return redirect(url_for("workspaces.show"), 303)
    template = "runtime/problem.html" if "HX-Request" in request.headers else "runtime/error.html"
    return render_template(template, error=error), error.status


def wants_json() -> bool:
    """Whether JSON was asked for, or sent."""
    accepted = request.accept_mimetypes
    return request.is_json or accepted["application/json"] > accepted["text/html"]


def _to_sign_in():
    """Sign-in first, then back to the page that was asked for."""
    if "HX-Request" not in request.headers:
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("sign_in.show", next=back), 303)
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = page.path + (f"?{page.query}" if page.query else "")
    response = make_response("", 401)
    response.headers["HX-Redirect"] = url_for("sign_in.show", next=back or None)
    return response


def _from_http(error: HTTPException):
    if error.code is None or error.code < 400:
        return error
    response = make_response(answer(KNOWN.get(error.code, BadRequest)()))
    if error.code not in KNOWN:
        response.status_code = error.code
    return response


def _from_database(error: sa.exc.OperationalError):
    """Locked for too long, or gone: nothing was changed, and the page around the answer must not read there."""
    current_app.logger.error("the database does not answer: %s", error.orig)
    return _alone(unavailable(error))


def _unexpected(error: InternalServerError):
    """What nobody foresaw: logged by Flask with its trace, told without it."""
    cause = error.original_exception
    return _alone(unavailable(cause) if isinstance(cause, sa.exc.OperationalError) else FormloomError())


def _alone(error: FormloomError):
    """An answer that asks nothing of a database that may be down."""
    if "theme" in g:
        g.actor = None
        return answer(error)
    g.language = "en"  # the request failed before anything was known of it
    return f"{error.sentence} {error.remedy}", error.status, {"Content-Type": "text/plain; charset=utf-8"}
