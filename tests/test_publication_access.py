"""Access published alone: an admin does not wait for somebody's half-built form."""

from __future__ import annotations

import pytest
from formloom.platform.definition import store
from formloom.platform.errors import Conflict, Invalid, NotFound
from formloom.platform.workflow.access_alone import change_access, publish_access
from formloom.platform.workflow.publication import resume
from formloom.platform.workflow.soundness import check
from small_app import field, form_of, status
from visits import Visits


@pytest.fixture
def running(workspace):
    visits = Visits(workspace)
    visits.publishes()
    return visits


@pytest.fixture
def half_built(running):
    """A field without settings that it needs, a status that nothing knows; and about is hidden from now on."""
    document = running.with_fields(field("km", "formula", settings={"rule": {"var": "nothing"}}))
    document["status_lists"][0]["statuses"].append(status("lost"))
    cells = {"*": {"*": "edit"}, "about": {"*": "hidden"}, "km": {"*": "read"}, "day": {"lost": "hidden", "open": "read"}}
    form_of(document, "visit")["access"][0]["cells"] = cells
    form_of(document, "visit")["access"][0]["delete"] = ["open", "lost"]
    running.becomes(document)
    return running


def live_document(visits) -> dict:
    with visits.workspace.reading() as connection:
        return store.document(connection, store.live(connection, "visits").version_id)


def revision(visits) -> int:
    with visits.workspace.reading() as connection:
        return store.draft(connection, visits.app_id).rev


def test_only_access_goes_live(half_built):
    visit, before = half_built.create(), half_built.draft()
    with pytest.raises(Invalid):
        half_built.publishes()
    assert publish_access(half_built.workspace, "visits", 7) == 2
    values = half_built.record(visit).values
    assert "about" not in values
    form = form_of(live_document(half_built), "visit")
    assert [f["key"] for f in form["fields"]] == ["about", "customer", "day", "lines", "total"]
    assert form["access"][0]["cells"] == {"*": {"*": "edit"}, "about": {"*": "hidden"}, "day": {"open": "read"}}
    assert form["access"][0]["delete"] == ["open"]
    assert half_built.draft() == before
    assert check(half_built.workspace) == []


def test_the_same_access_is_no_new_version(running):
    running.becomes(running.with_fields(field("km", "number")))
    assert publish_access(running.workspace, "visits", 7) == 1


def test_new_roles_come_along_and_leaving_ones_stay_where_transitions_name_them(running):
    document = running.draft()
    document["roles"] = [{"key": "guest", "label": {"en": "Guest"}}]
    form_of(document, "visit")["access"] = [{"role": "guest", "scope": "all"}]
    form_of(document, "customer")["access"] = []
    running.becomes(document)
    publish_access(running.workspace, "visits", 7)
    assert [role["key"] for role in live_document(running)["roles"]] == ["guest", "staff"]
    with pytest.raises(NotFound):
        running.create()


def test_an_edit_of_access_goes_into_both(half_built):
    cells = {"form": "visit", "role": "staff", "cells": {"day": {"*": "hidden"}}}
    change_access(half_built.workspace, "visits", "set_cells", cells, revision(half_built), 7)
    assert form_of(live_document(half_built), "visit")["access"][0]["cells"]["day"] == {"*": "hidden"}
    drafted = form_of(half_built.draft(), "visit")["access"][0]["cells"]
    assert drafted["day"] == {"lost": "hidden", "open": "read", "*": "hidden"}
    assert drafted["about"] == {"*": "hidden"}
    assert "about" in half_built.record(half_built.create()).values


def test_an_edit_that_clashes_with_the_draft_changes_neither(half_built):
    cells = {"form": "visit", "role": "staff", "cells": {"about": {"*": "read"}}}
    with pytest.raises(Conflict):
        change_access(half_built.workspace, "visits", "set_cells", cells, 0, 8)
    assert half_built.live_number() == 1
    with pytest.raises(NotFound, match="has stopped halfway"):
        resume(half_built.workspace, "visits")
    assert form_of(half_built.draft(), "visit")["access"][0]["cells"]["about"] == {"*": "hidden"}


def test_more_than_access_is_refused(running):
    with pytest.raises(Invalid, match="more than access"):
        change_access(running.workspace, "visits", "remove_field", {"form": "visit", "field": "day"}, 0, 7)
    wrong = {"form": "visit", "role": "staff", "cells": {"nowhere": {"*": "read"}}}
    with pytest.raises(Invalid, match="nowhere"):
        change_access(running.workspace, "visits", "set_cells", wrong, 0, 7)
    assert revision(running) == 0
    assert running.live_number() == 1
