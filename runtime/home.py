"""The first page: what waits for me, where I was, and the forms I work with."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from ..platform.access.policy import member
from ..platform.workflow import notices
from .desk import Desks
from .opening import formats, reading
from .recent import recent_records

blueprint = Blueprint("home", __name__)

NEXT = 6
NEWS = 5


@blueprint.get("/")
@member
def show():
    mine = Desks()
    return render_template(
        "runtime/home.html",
        tasks=mine.tasks[:NEXT],
        waiting=len(mine.tasks),
        figures=[*mine.waiting, *mine.own],
        piles=[pile for desk in mine.desks for pile in desk.piles()],
        apps=[(gate.compiled.app, gate.forms(), gate) for gate in mine.gates],
        recent=recent_records(mine.gates, formats()),
        notices=notices.of_member(reading(), g.actor.id, unread=True, limit=NEWS),
        formats=formats(),
    )
