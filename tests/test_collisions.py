"""What a unique index refuses: a number that is taken is told, all else is tried again."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from formloom.platform.errors import Conflict
from formloom.platform.workflow import change
from formloom.platform.workflow.outbox import now
from formloom.platform.workflow.requests import request
from small_app import field, form_of, small_app
from small_world import World


def test_a_number_that_a_record_has_already_is_told(workspace):
    document = small_app()
    form_of(document, "visit")["fields"].append(field("number", "serial", settings={"pattern": "V-{n:3}"}))
    world = World(workspace, document)
    world.engine.create("visit", {"about": "first"})
    with workspace.writing() as connection:
        connection.execute(sa.text("DELETE FROM counter"))
    with pytest.raises(Conflict, match="A record with this number exists already"):
        world.engine.create("visit", {"about": "second"})


@pytest.mark.parametrize(("collisions", "succeeds"), [(1, True), (100, False)])
def test_what_collides_beside_numbers_is_tried_again_and_never_told_as_one(
    workspace, monkeypatch, collisions, succeeds
):
    world, left = World(workspace, small_app()), [None] * collisions
    put = change.put_all

    def colliding(connection, errands):
        put(connection, errands)
        if left:
            left.pop()
            same = [{"actor_id": 1, "key": "same", "digest": "", "at": now()}] * 2
            connection.execute(sa.insert(request), same)

    monkeypatch.setattr(change, "put_all", colliding)
    if succeeds:
        world.engine.create("visit", {"about": "tea"})
        return
    with pytest.raises(sa.exc.IntegrityError):
        world.engine.create("visit", {"about": "tea"})
