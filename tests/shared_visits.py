"""The small app with links: a visit is followed by its customer, or comes in from outside."""

from __future__ import annotations

from small_app import field, form_of, small_app
from small_world import World

TRACKING = {"fields": ["about", "lines.what", "lines.hours"], "days": 30, "roles": ["staff"]}


def tracked_app() -> dict:
    document = small_app()
    form_of(document, "visit")["tracking"] = dict(TRACKING)
    form_of(document, "customer")["tracking"] = {"fields": ["name"], "roles": ["staff"]}
    return document


def visit(world: World, about: str = "Garden"):
    customer = world.do("staff").create("customer", {"name": "Zhang", "tier": "gold"})
    lines = [{"what": "Mowing", "hours": "2", "rate": "40"}, {"what": "Hedges", "hours": "3", "rate": "50"}]
    return world.do("staff").create("visit", {"about": about, "customer": customer.id, "day": "2026-11-02", "lines": lines})


PUBLIC = {"fields": ["about", "day", "lines.what", "lines.hours"], "required": ["about"], "a_day": 3, "in_all": 5, "roles": ["staff"]}


def public_app() -> dict:
    document = small_app()
    visit = form_of(document, "visit")
    visit["fields"] += [field("taken_by", "person", default={"var": "user.id"}), field("note", required=True)]
    visit["public"] = PUBLIC | {"closing": {"en": "See you soon."}}
    return document
