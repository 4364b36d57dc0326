"""The inbox: what waits for me, what I started, what I was told."""

from __future__ import annotations

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for

from ..platform.access.policy import member
from ..platform.errors import NotFound
from ..platform.workflow import notices
from .desk import Desks, together
from .opening import formats, reading

blueprint = Blueprint("inbox", __name__)


@blueprint.get("/inbox")
@member
def show():
    """All that waits, or what waits for one reason: `kind`."""
    mine, kind = Desks(), request.args.get("kind", "")
    tasks = mine.of_kind(kind)
    late = sum(1 for task in mine.tasks if task.late)
    rest = {"figures": mine.waiting, "kind": kind, "all": len(mine.tasks), "late": late}
    return render_template("runtime/inbox.html", tasks=tasks, tab="mine", together=together(tasks), formats=formats(), **rest)


@blueprint.get("/inbox/started")
@member
def started():
    return render_template("runtime/inbox.html", tasks=Desks().started, tab="started", together=(), formats=formats())


@blueprint.get("/inbox/followed")
@member
def followed():
    return render_template("runtime/followed.html", records=Desks().followed, tab="followed", formats=formats())


@blueprint.get("/inbox/counts")
@member
def counts():
    """The live figures of the frame."""
    waiting = sum(desk.count() for desk in Desks().desks)
    return jsonify(inbox=waiting, notices=notices.unread_count(reading(), g.actor.id))


@blueprint.get("/notices")
@member
def told():
    rows = notices.of_member(reading(), g.actor.id)
    return render_template("runtime/notices.html", notices=rows, formats=formats())


@blueprint.post("/notices/readings")
@member
def read_all():
    """Marks as read what the page showed."""
    _mark(request.form.getlist("id", int))
    return redirect(url_for("inbox.told"), 303)


@blueprint.post("/notices/<int:notice_id>/reading")
@member
def read(notice_id: int):
    """Marks one as read and goes to its record."""
    found = notices.one(reading(), g.actor.id, notice_id)
    if found is None:
        raise NotFound
    _mark([notice_id])
    record = {"app_key": found.app_key, "form_key": found.form_key, "record_id": found.record_id}
    return redirect(url_for("records.show", **record), 303)


def _mark(ids: list[int]) -> None:
    with g.workspace.writing() as connection:
        notices.mark_read(connection, g.actor.id, ids)
