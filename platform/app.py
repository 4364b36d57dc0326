"""create_app(): puts the parts together; the only file that names builder and runtime."""

from __future__ import annotations

import importlib
from pathlib import Path

import sqlalchemy as sa
from flask import Flask, current_app, g, request, session
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from . import db
from .access.policy import check_routes
from .access.sessions import OurSessions
from .access.workspaces import all_slugs
from .assets import set_up_assets
from .config import Config
from .error_pages import set_up_error_pages
from .ids import IdConverter
from .language import choose_language, set_up_languages
from .migrations.upgrade import bring_up
from .registry import load_all
from .workflow.filling import fill_missing

ROOT = Path(__file__).parent.parent

BLUEPRINTS = (
    "runtime.setup",
    "runtime.sign_in",
    "runtime.preferences",
    "runtime.profile",
    "runtime.members",
    "runtime.undelivered",
    "runtime.invitations",
    "runtime.workspaces",
    "runtime.navigation",
    "runtime.home",
    "runtime.inbox",
    "runtime.lists",
    "runtime.saved_views",
    "runtime.sheets",
    "runtime.sheet_imports",
    "runtime.bulk",
    "runtime.cell_edits",
    "runtime.records",
    "runtime.comments",
    "runtime.live",
    "runtime.transitions",
    "runtime.signing",
    "runtime.places",
    "runtime.choices",
    "runtime.previews",
    "runtime.files",
    "runtime.links",
    "runtime.sharing",
    "runtime.shared",
    "runtime.search",
    "builder.apps",
    "builder.templates",
    "builder.spreadsheets",
    "builder.clipboard",
    "builder.backtest",
    "builder.drafts",
    "builder.fields",
    "builder.form_preview",
    "builder.forms",
    "builder.naming",
    "builder.properties",
    "builder.guide",
    "builder.publication",
    "builder.rules",
    "builder.flows",
    "builder.flow_bulk",
    "builder.statuses",
    "builder.transitions",
    "builder.effects",
    "builder.access",
    "builder.roles",
    "builder.sharing",
    "builder.inspector",
    "builder.sections",
    "builder.upgrade",
    "builder.app_file",
    "builder.imports",
    "builder.versions",
    "builder.views",
)

FILES_AT_ONCE = 5  # of the largest, in one request

CSP = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:",
    "connect-src 'self'", "font-src 'self'", "manifest-src 'self'", "worker-src 'self'",
    "form-action 'self'", "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'",
))  # fmt: skip

HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept",  # one address answers as a page and in JSON
}


def create_app(config: Config) -> Flask:
    """The whole web application; its databases are brought up to this release first."""
    app = bare_app(config)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.converters["int"] = IdConverter
    app.session_interface = OurSessions()
    app.before_request(_prepare)
    app.context_processor(_shown_everywhere)
    csrf = CSRFProtect(app)
    set_up_error_pages(app)
    set_up_assets(app, ROOT / "static")
    _register_blueprints(app)
    app.after_request(_set_headers)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    check_routes(app)
    for view in app.view_functions.values():
        if view.policy == "link":
            csrf.exempt(view)  # what it allows stands in its address; no cookie adds to that
    return app


def bare_app(config: Config) -> Flask:
    """The databases and the languages without any page, as the command line needs them."""
    load_all()
    app = Flask(
        "formloom", root_path=str(ROOT), instance_path=str(config.instance), template_folder="templates",
        static_folder=None,
    )  # fmt: skip
    config.instance.mkdir(parents=True, exist_ok=True)
    app.config.update(_settings(config))
    app.extensions["formloom"] = config
    _open_databases(app, config)
    set_up_languages(app)
    return app


def close_app(app: Flask) -> None:
    """Closes every connection the application holds."""
    app.extensions["workspaces"].dispose()
    app.extensions["system"].dispose()


def _settings(config: Config) -> dict:
    return {
        "SECRET_KEY": config.secret,
        "TESTING": config.testing,
        "MAX_CONTENT_LENGTH": config.max_body,
        "MAX_FORM_MEMORY_SIZE": config.max_body,
        "MAX_FORM_PARTS": 20_000,
        "SESSION_COOKIE_NAME": "__Host-formloom" if config.secure_cookies else "formloom",
        "SESSION_COOKIE_SECURE": config.secure_cookies,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "WTF_CSRF_SSL_STRICT": False,  # the token suffices; strict referrers break behind proxies
        "SQLALCHEMY_DATABASE_URI": db.system_url(config),
        "SQLALCHEMY_ENGINE_OPTIONS": db.system_options(config),
    }


def _open_databases(app: Flask, config: Config) -> None:
    """extensions["system"] (accounts, sessions, workspaces) and ["workspaces"]."""
    db.system.init_app(app)
    with app.app_context():
        engine = db.system.engine
    if config.postgresql:
        _make_schema(engine)
    else:
        db.set_up_sqlite(engine, write=True)
    app.extensions["system"] = system = db.Workspace("system", db.system_reader(config), engine, None, config.instance)
    app.extensions["workspaces"] = workspaces = db.Workspaces(config)
    bring_up(system, "system")
    with app.app_context():
        for slug in all_slugs():
            if bring_up(workspaces[slug], "workspace"):
                fill_missing(workspaces[slug])


def _make_schema(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        if not sa.inspect(connection).has_schema(db.SYSTEM_SCHEMA):
            connection.execute(sa.schema.CreateSchema(db.SYSTEM_SCHEMA, if_not_exists=True))


def _prepare() -> None:
    """What every page may rely on; who asks is found out by the policy of its route."""
    g.actor = g.workspace = None
    g.account = session.who
    g.language = choose_language()
    g.theme = session.who.theme if session.who else session.get("theme", "system")
    _allow_files()


def _allow_files() -> None:
    """A larger request, before anything reads it, where files are taken from somebody who is signed in."""
    view = current_app.view_functions.get(request.endpoint or "")
    if g.account is not None and request.mimetype == "multipart/form-data" and getattr(view, "takes_files", False):
        config = current_app.extensions["formloom"]
        request.max_content_length = config.max_body + FILES_AT_ONCE * config.max_file


def _shown_everywhere() -> dict:
    """What base.html and plain.html need of the request."""
    return {"language": g.language, "theme": g.theme, "here": _here}


def _here() -> str:
    """The address to come back to after the language or the theme was switched."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def _register_blueprints(app: Flask) -> None:
    for name in BLUEPRINTS:
        app.register_blueprint(importlib.import_module(f"formloom.{name}").blueprint)


def _set_headers(response):
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-cache"
    return response
