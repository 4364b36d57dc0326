"""Records with a field of every type, by the commands and the gate."""

from __future__ import annotations

import json

from every_field import APP
from formloom.platform.access.members import add_department
from formloom.platform.records.query import Query
from small_world import World

ADDRESS = {"country": "Germany", "city": "Berlin", "postcode": "10115", "street": "Invalidenstraße 116"}
SHENZHEN = {"country": "中国", "region": "广东省", "city": "深圳市", "street": "科技园路1号"}


def app() -> dict:
    return json.loads(json.dumps(APP))


def every_world(workspace, document: dict | None = None) -> World:
    """The app published as it is, in a workspace with two departments."""
    found = World(workspace, document or app())
    with workspace.writing() as connection:
        found.sales = add_department(connection, "Sales")
        found.asia = add_department(connection, "Asia", found.sales)
    return found


def filled(world, **values) -> dict:
    other = world.do("staff").create("other", {"name": "Ernst", "tier": "gold", "tags": ["red"], "site": ADDRESS})
    return {
        "about": "First", "opens": "9:30", "colours": ["blue", "red"], "team": world.asia, "other": other.id, "stars": 4,
        "phone": "+49 30 1234567", "mail": "nancy@northwind.example", "web": "https://example.com/a", "place": ADDRESS,
        "amount": "1234.50", "count": 3,
        "lines": [{"what": "Tofu", "stars": 5, "when": "07:05", "tags": ["plain"], "team": world.sales, "call": "030 7654321"}],
    } | values  # fmt: skip


def rows(world, *roles, where=True, fields=("about",), **more) -> list:
    with world.gate(*roles) as gate:
        return gate.page(Query("every", fields, where=where, **more)).rows
