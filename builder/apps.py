"""The builder's home: the apps of this workspace, the templates that ship, an app from blank; one app's design begins at its first form."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform import gallery
from ..platform.access import members
from ..platform.access.policy import admin
from ..platform.definition import store
from ..platform.definition.beginning import first_app, key_from
from ..platform.definition.model import App, say
from ..platform.definition.schema import load
from ..platform.errors import NotFound
from ..platform.records.compiled import open_app
from ..platform.workflow.samples import add_people, play
from .guide import followed_now, said_of
from .workshop import Workshop

blueprint = Blueprint("apps", __name__, url_prefix="/build")

LONGEST_LABEL = 60


@dataclass(frozen=True)
class Mine:
    """One app of the workspace. standing: "new", "changed" or "running"."""

    key: str
    app: App
    standing: str
    number: int | None


@blueprint.get("/")
@admin
def home():
    return _drawn(None, request.args)


def _drawn(wrong: str | None, typed: Mapping[str, str]) -> str:
    guide = followed_now()
    said = said_of(guide) if guide else ""
    return render_template("builder/home.html", apps=_mine(), templates=_templates(), wrong=wrong, typed=typed, guide=guide, said=said)


@blueprint.get("/<app_key>/")
@admin
def show(app_key: str):
    workshop = Workshop(app_key)
    forms = workshop.app.forms
    if not forms:
        return redirect(url_for("apps.home"), 303)
    return redirect(url_for("forms.show", app_key=app_key, form_key=forms[0].key), 303)


@blueprint.post("/")
@admin
def begin():
    """An app from blank: a name, and what one record of it is called."""
    name, record = (request.form.get(part, "").strip()[:LONGEST_LABEL] for part in ("name", "record"))
    if not name or not record:
        wrong = _("Give the app a name, and say what one record of it is called.")
        return _drawn(wrong, request.form), 422
    key = gallery.free_key(g.workspace, key_from(name, "app"))
    document = first_app(key, _both(name), _both(record), _zone())
    with g.workspace.writing() as connection:
        store.create_app(connection, document, g.actor.id)
        members.set_roles(connection, g.actor.id, key, ["everyone"])
    return redirect(url_for("apps.show", app_key=key), 303)


@blueprint.post("/clones")
@admin
def clone():
    """A template, or an app of this workspace, under an address of its own, running at once."""
    name, of = request.form.get("template", ""), request.form.get("app", "")
    if of:
        key = gallery.free_key(g.workspace, of)
        gallery.clone_app(g.workspace, of, key, g.actor.id)
    elif name in gallery.TEMPLATES:
        document = gallery.template(name)
        key = gallery.start_app(g.workspace, document, g.actor.id, gallery.free_key(g.workspace, document["key"]))
    else:
        raise NotFound
    _give_roles(key)
    if request.form.get("samples"):
        _fill(key)
    app = load(Workshop(key).document)
    flash(_("“%(app)s” is running.", app=say(app.label, g.language)), "good")
    return redirect(f"/apps/{key}/{app.forms[0].key}/", 303)


def _give_roles(key: str) -> None:
    """Every role for the one who made it, who could try nothing otherwise."""
    with g.workspace.writing() as connection:
        app = load(store.draft(connection, store.app_row(connection, key).id).document)
        members.set_roles(connection, g.actor.id, key, [role.key for role in app.roles])


def _fill(key: str) -> None:
    """Sample people, and their records as they make them; beside this request, since a quarter of work takes a while."""
    with g.workspace.writing() as connection:
        people = add_people(connection, open_app(g.workspace, connection, key).app)
    app, workspace = current_app._get_current_object(), g.workspace

    def fill() -> None:
        with app.app_context():
            try:
                play(workspace, key, people)
            except Exception:
                current_app.logger.exception("the sample records of %s stopped halfway", key)

    thread = threading.Thread(target=fill, name=f"samples {key}", daemon=True)
    thread.start()
    thread.join(1)
    if thread.is_alive():
        flash(_("Its sample records are arriving; there are more each time you look."), "good")


def _mine() -> list[Mine]:
    with g.workspace.reading() as connection:
        return [_one(connection, row) for row in store.apps(connection)]


def _one(connection, row) -> Mine:
    document = store.draft(connection, row.id).document
    live = store.checksum_of(connection, row.live_version)
    standing = "new" if live is None else "running" if live == store.checksum(document) else "changed"
    return Mine(row.key, load(document), standing, row.live_number)


def _templates() -> list[tuple[str, App]]:
    return [(name, load(document)) for name, document in gallery.templates().items()]


def _both(words: str) -> dict[str, str]:
    """A label as it was typed, in the language of who typed it; English is what every label has."""
    return {"en": words, "zh": words} if g.language == "zh" else {"en": words}


def _zone() -> str:
    """The time zone of the other apps, so that a company keeps one calendar."""
    with g.workspace.reading() as connection:
        zones = [load(store.draft(connection, row.id).document).zone for row in store.apps(connection)]
    return next(iter(zones), "UTC")

