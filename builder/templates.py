"""A template looked at before it is used: its forms, flows and roles, and its sample data as each role would see it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from flask import Blueprint, current_app, g, render_template, request
from flask_babel import gettext as _

from ..platform import db, gallery
from ..platform.access import workspaces
from ..platform.access.actor import Actor
from ..platform.access.policy import admin
from ..platform.definition import store
from ..platform.definition.flow import Status
from ..platform.definition.model import App, Form, say
from ..platform.definition.schema import load
from ..platform.errors import NotFound
from ..platform.formats import formats_for
from ..platform.records.compiled import open_app
from ..platform.records.query import Gate
from ..platform.records.results import Query
from ..platform.workflow.samples import add_people, play

blueprint = Blueprint("templates", __name__, url_prefix="/build/templates")

ROWS = 12
COLUMNS = 6
_making: dict[str, threading.Thread] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Heading:
    """A column: a field, or the status."""

    key: str
    label: str
    numeric: bool


@dataclass(frozen=True)
class Sheet:
    """Some records of a form as a role sees them: by column what it says, and of the status the status itself."""

    headings: list[Heading]
    rows: list[dict[str, str | Status | None]]
    count: int


@blueprint.get("/<name>")
@admin
def show(name: str):
    if name not in gallery.TEMPLATES:
        raise NotFound
    document = gallery.template(name)
    app = load(document)
    form = app.form_by_key.get(request.args.get("form", app.forms[0].key))
    if form is None:
        raise NotFound
    role = request.args.get("role") or _first_role(form)
    return render_template(
        "builder/template.html", name=name, app=app, form=form, role=role, sheet=_sheet(name, document, form, role),
        statuses=app.statuses(form),
    )  # fmt: skip


def _first_role(form: Form) -> str:
    return next((access.role for access in form.access if access.scope == "all"), form.access[0].role if form.access else "")


def _sheet(name: str, document: dict, form: Form, role: str) -> Sheet | None:
    """None while the samples are still being played."""
    workspace = _previewed(name, document)
    if workspace is None:
        return None
    with workspace.reading() as connection:
        compiled = open_app(workspace, connection, document["key"])
        actor = Actor(kind="member", id=0, name=_("Preview"), language=g.language, roles={document["key"]: frozenset([role])})
        gate = Gate(connection, compiled, actor)
        if form.key not in {one.key for one in gate.forms()}:
            return Sheet([], [], 0)
        return _rows(gate, compiled.app, form)


def _rows(gate: Gate, app: App, form: Form) -> Sheet:
    readable = gate.readable_fields(form.key)
    view = form.views[0] if form.views else None
    keys = [key for key in (view.columns if view else readable) if key in readable or key == "status"][:COLUMNS]
    query = Query(form.key, tuple(key for key in keys if key != "status"), limit=ROWS)
    page, formats = gate.page(query), formats_for(g.language, app.zone)
    compiled, statuses = gate.compiled.form(form.key), app.statuses(form)

    def heading(key: str) -> Heading:
        if key == "status":
            return Heading(key, _("Status"), False)
        return Heading(key, say(form.by_key[key].label, g.language), compiled.shown[key][0].figures)

    def said(row, key: str) -> str | Status | None:
        if key == "status":
            return statuses.by_key.get(row.status) if statuses else None
        field_type, field = compiled.shown[key]
        value = row.values.get(key)
        return "" if value is None else field_type.display(value, field, formats, page.titles)

    return Sheet([heading(key) for key in keys], [{key: said(row, key) for key in keys} for row in page.rows], gate.count(query).number)


def _previewed(name: str, document: dict) -> db.Workspace | None:
    """The workspace that a template's samples were played in, made on the first look; None while it is being made."""
    slug = f"preview-{name}-{store.checksum(document)[:8]}"
    if workspaces.workspace_id(slug) is not None:
        return current_app.extensions["workspaces"][slug]
    app = current_app._get_current_object()
    with _lock:
        if slug not in _making or not _making[slug].is_alive():
            _making[slug] = threading.Thread(target=_make, args=(app, slug, document), name=slug, daemon=True)
            _making[slug].start()
    _making[slug].join(1)
    return current_app.extensions["workspaces"][slug] if workspaces.workspace_id(slug) is not None else None


def _make(app, slug: str, document: dict) -> None:
    """All of it or nothing: the workspace is there for others once its row is committed, at the very end."""
    with app.app_context():
        config, opened = app.extensions["formloom"], app.extensions["workspaces"]
        try:
            workspaces.clear_unfinished(config, opened, slug)
            workspaces.make_database(config, opened, slug)
            workspace = opened[slug]
            key = gallery.start_app(workspace, document, None)
            with workspace.writing() as connection:
                people = add_people(connection, open_app(workspace, connection, key).app)
            play(workspace, key, people)
            workspaces.add_row(slug, slug)
            db.system.session.commit()
        except Exception:
            app.logger.exception("the preview of a template stopped halfway")
            db.system.session.rollback()
        finally:
            db.system.session.remove()
