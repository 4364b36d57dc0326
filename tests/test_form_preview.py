"""A form of the draft is shown as a role would meet it at a step, before it is published."""

from __future__ import annotations

import re

import pytest
from design_desk import Desk, Shop
from formloom.platform.access.rights import READABLE, WRITABLE, grants_of
from formloom.platform.definition.schema import load
from page import visit


@pytest.fixture
def desk(app, orders):
    shop = Shop(app, orders)
    return Desk(shop, shop.browser(shop.ada), "orders", "order")


def seen(desk, role: str, step: str, device: str = "desktop"):
    return visit(desk.browser, f"{desk.here}preview?role={role}&step={step}&device={device}")


def asked(page) -> set[str]:
    """The fields that are asked for."""
    return {name.split(".")[0] for name in re.findall(r'name="([a-z_.]+)" id="p-', page.html)}


def test_every_role_at_every_step_sees_what_the_matrix_says(desk):
    app = load(desk.document)
    form = app.form_by_key["order"]
    for role, grant in list(grants_of(app, form).items())[:3]:
        for step in app.steps(form)[:3]:
            page, modes = seen(desk, role, step), grant.modes[step]
            if step == "new" and not grant.create:
                assert "makes no new records" in page.text
                continue
            there = set(re.findall(r'data-field="([a-z_]+)"', page.html))
            hidden = {field.key for field in form.fields if modes[field.key] == "hidden"}
            read = {field.key for field in form.fields if modes[field.key] in READABLE - WRITABLE and field.type != "rows"}
            assert there & hidden == set() and (step == "new" or read <= there), (role, step)
            assert asked(page) & (read | hidden) == set(), (role, step)
            assert "number" not in asked(page)


def test_an_edit_of_the_draft_is_seen_at_once(desk):
    assert "customer" in asked(seen(desk, "sales", "draft"))
    desk.edits("set_cells", form="order", role="sales", cells={"customer": {"draft": "hidden"}})
    page = seen(desk, "sales", "draft")
    assert 'data-field="customer"' not in page.html
    desk.edits("put", path="forms[order].fields[note].label.en", value="Remark")
    desk.edits("set_cells", form="order", role="sales", cells={"note": {"draft": "required"}})
    page = seen(desk, "sales", "draft", "phone")
    assert re.search(r"Remark<span class=\"must\" aria-hidden=\"true\"> \*", page.html) and "previewed phone" in page.html


def test_rules_are_said_and_tabs_are_there(desk):
    assert "Shown when: " in seen(desk, "sales", "draft").text
    desk.edits("add", path="forms[order].tabs", element={"key": "more", "label": {"en": "More of it"}})
    desk.edits("move_section", form="order", section="order", after=None, tab="more")
    page = seen(desk, "sales", "draft")
    assert '<a href="#tab-more">More of it</a>' in page.html


def test_what_is_broken_or_unknown_is_said(desk):
    assert seen(desk, "nobody", "nowhere").status == 200
    desk.edits("put", path="forms[order].fields[net].settings", value={"rule": {"var": "nothing"}, "result": "money"})
    assert "Something is wrong with the rules" in seen(desk, "sales", "draft").text
    assert desk.house.browser(desk.house.ben).get(f"{desk.here}preview").status_code == 404
