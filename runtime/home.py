"""The first page: what waits for me, where I was, and the forms I work with."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from ..platform.access.policy import member
from ..platform.workflow import notices
from .inbox import my_desks
from .opening import formats, gate_of, live_apps, reading
from .recent import recent_records
from .tasks import in_order

blueprint = Blueprint("home", __name__)

NEXT = 6
NEWS = 5


@blueprint.get("/")
@member
def show():
    mine = my_desks()
    tasks = in_order(task for desk in mine for task in desk.tasks())
    gates = [gate_of(key) for key in live_apps()]
    return render_template(
        "runtime/home.html",
        tasks=tasks[:NEXT],
        waiting=len(tasks),
        piles=[pile for desk in mine for pile in desk.piles()],
        apps=[(gate.compiled.app, gate.forms(), gate) for gate in gates],
        recent=recent_records(gates, formats()),
        notices=notices.of_member(reading(), g.actor.id, unread=True, limit=NEWS),
        formats=formats(),
    )
