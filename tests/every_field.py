"""An app with a form in which every type of field stands, and people who see it in different ways."""

from __future__ import annotations

from small_app import field, status, text, transition

OPTIONS = [
    {"key": "red", "label": {"en": "Red", "zh": "红"}, "colour": "red"},
    {"key": "blue", "label": {"en": "Blue", "zh": "蓝"}, "colour": "blue"},
    {"key": "plain", "label": {"en": "Plain", "zh": "素色"}},
]
PRIVATE = ("phone", "mail", "amount", "files", "colours", "place")

FIELDS = [
    field("about", settings={"scan": True}),
    field("notes", "long_text"),
    field("head", "heading", settings={"note": {"en": "Whatever you know of it.", "zh": "请填写已知信息。"}}),
    field("amount", "money"),
    field("count", "number"),
    field("share", "percent"),
    field("day", "date"),
    field("moment", "moment"),
    field("opens", "time"),
    field("colour", "choice", settings={"options": OPTIONS}),
    field("colours", "choices", settings={"options": OPTIONS}),
    field("fine", "flag"),
    field("owner", "person"),
    field("team", "department"),
    field("other", "link", settings={"form": "other"}),
    field("tier", "lookup", settings={"via": "other", "field": "tier", "at": ["renew"]}),
    field("twice", "formula", settings={"rule": {"*": [{"var": "count"}, 2]}}),
    field("number", "serial", settings={"pattern": "E-{n:4}"}),
    field("stars", "rating"),
    field("phone", "phone"),
    field("mail", "mail"),
    field("web", "url"),
    field("place", "address"),
    field("files", "file", settings={"max": 3, "megabytes": 1}),
    field("pictures", "image"),
    field(
        "lines",
        "rows",
        fields=[
            field("what", settings={"scan": True}), field("stars", "rating"), field("when", "time"), field("tags", "choices", settings={"options": OPTIONS}),
            field("team", "department"), field("photo", "image"), field("call", "phone"),
        ],
    ),
]  # fmt: skip
LAYOUT = [
    {"key": "main", "label": text("Main"), "columns": 3, "fields": [f["key"] for f in FIELDS if f["type"] != "rows"]},
    {"key": "lines", "label": text("Lines"), "fields": ["lines"]},
]
ROLES = ("staff", "desk", "guest")
ACCESS = [
    {"role": "staff", "scope": "all", "create": True, "delete": ["open"], "load": True, "cells": {"*": {"*": "edit"}}},
    {
        "role": "desk",
        "scope": "all",
        "create": True,
        "cells": {
            "*": {"*": "read"},
            "about": {"*": "edit"},
            "lines": {"*": "edit"},
            "lines.call": {"*": "masked"},
            **{key: {"*": "masked"} for key in PRIVATE},
        },
    },
    {"role": "guest", "scope": "all", "cells": {"*": {"open": "read", "done": "hidden"}, "about": {"*": "read"}}},
]
EVERY = {
    "key": "every",
    "label": text("Thing"),
    "plural": text("Things"),
    "title": "about",
    "status_list": "flow",
    "fields": FIELDS,
    "layout": LAYOUT,
    "transitions": [
        transition("finish", "open", "done", ask=[{"field": "files"}, {"field": "stars"}, {"field": "colours"}, {"field": "place"}]),
        transition("renew", "open", "open"),
    ],
    "access": ACCESS,
    "views": [
        {"key": "all", "label": text("All"), "columns": ["about", "status", *(f["key"] for f in FIELDS[3:-1])]},
    ],
}
OTHER = {
    "key": "other",
    "label": text("Other"),
    "plural": text("Others"),
    "title": "name",
    "fields": [field("name"), field("tier"), field("tags", "choices", settings={"options": OPTIONS}), field("site", "address")],
    "access": [{"role": role, "scope": "all", "create": True, "cells": {"*": {"*": "edit"}}} for role in ROLES],
}
APP = {
    "format": 1,
    "key": "things",
    "label": text("Things"),
    "roles": [{"key": role, "label": text(role.title())} for role in ROLES],
    "status_lists": [{"key": "flow", "label": text("Flow"), "statuses": [status("open", "start"), status("done", "done")]}],
    "forms": [EVERY, OTHER],
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf50cf000003860180"
    "5a7a1b0e0000000049454e44ae426082"
)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
