"""The small app with links: a visit is followed by its customer."""

from __future__ import annotations

from small_app import form_of, small_app
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
