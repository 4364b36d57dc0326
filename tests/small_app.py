"""A small app to build on in tests: visits with a flow, to customers, with lines."""

from __future__ import annotations

import json


def text(words: str) -> dict[str, str]:
    return {"en": words}


def field(key: str, type: str = "text", **rest) -> dict:
    return {"key": key, "type": type, "label": text(key.title())} | rest


def status(key: str, kind: str = "active") -> dict:
    return {"key": key, "label": text(key.title()), "kind": kind}


def transition(key: str, source: str, target: str, **rest) -> dict:
    who = {"who": {"roles": ["staff"]}}
    return {"key": key, "label": text(key.title()), "sources": [source], "target": target} | who | rest


ACCESS = [{"role": "staff", "scope": "all", "create": True, "delete": ["saved"], "cells": {"*": {"*": "edit"}}}]

VISIT = {
    "key": "visit",
    "label": text("Visit"),
    "plural": text("Visits"),
    "title": "about",
    "status_list": "flow",
    "fields": [
        field("about"),
        field("customer", "link", settings={"form": "customer"}),
        field("day", "date"),
        field(
            "lines",
            "rows",
            fields=[
                field("what"),
                field("hours", "number"),
                field("rate", "money"),
                field("cost", "formula", settings={"rule": {"*": [{"var": "hours"}, {"var": "rate"}]}}),
            ],
        ),
        field(
            "total", "formula", settings={"rule": {"sum": [{"map": [{"var": "lines"}, {"var": "cost"}]}]}}
        ),
    ],
    "transitions": [transition("finish", "open", "done"), transition("drop", "open", "dropped")],
    "access": [ACCESS[0] | {"delete": ["open"]}],
    "views": [{"key": "all", "label": text("All"), "columns": ["about"], "sort": [{"field": "day", "descending": True}]}],
}
CUSTOMER = {
    "key": "customer",
    "label": text("Customer"),
    "plural": text("Customers"),
    "title": "name",
    "fields": [field("name"), field("tier", "choice", settings={"options": [{"key": "gold", "label": text("Gold")}]})],
    "access": ACCESS,
}
APP = {
    "format": 1,
    "key": "visits",
    "label": text("Visits"),
    "roles": [{"key": "staff", "label": text("Staff")}],
    "status_lists": [
        {
            "key": "flow",
            "label": text("Flow"),
            "statuses": [status("open", "start"), status("done", "done"), status("dropped", "cancelled")],
        }
    ],
    "forms": [VISIT, CUSTOMER],
}


def small_app() -> dict:
    """A document of one's own to change."""
    return json.loads(json.dumps(APP))


def form_of(document: dict, key: str) -> dict:
    return next(form for form in document["forms"] if form["key"] == key)


def field_of(document: dict, form: str, key: str) -> dict:
    return next(f for f in form_of(document, form)["fields"] if f["key"] == key)
