"""Random definitions: the small app after a few random changes, each of them allowed."""

from __future__ import annotations

import copy

from formloom.platform.definition.schema import normal
from hypothesis import strategies as st
from small_app import field, form_of, small_app, status, text, transition

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8).map(lambda w: w + ".")
KEYS = st.sampled_from(["a", "b", "c_2", "day", "about", "rule", "default", "fields", "settings", "open", "flow"])
SMALL = st.sampled_from([True, False, None, 0, 1, "x", {"var": "about"}, {"===": [{"var": "about"}, "x"]}])


def _shuffle(draw, document):
    lists = [document["forms"], document["roles"], document["status_lists"][0]["statuses"]]
    lists += [form[name] for form in document["forms"] for name in ("fields", "transitions") if form.get(name)]
    chosen = draw(st.sampled_from(lists))
    chosen[:] = draw(st.permutations(chosen))


def _add_field(draw, document):
    form = draw(st.sampled_from(document["forms"]))
    new = field(draw(KEYS), show=draw(SMALL), default=draw(SMALL), help=draw(st.sampled_from([{}, text("Help")])))
    form["fields"] = [f for f in form["fields"] if f["key"] != new["key"]]
    form["fields"].insert(draw(st.integers(0, len(form["fields"]))), new)


def _remove_field(draw, document):
    form = draw(st.sampled_from(document["forms"]))
    if form["fields"]:
        form["fields"].pop(draw(st.integers(0, len(form["fields"]) - 1)))


def _label(draw, document):
    element = draw(st.sampled_from([document, *document["forms"], *document["forms"][0]["fields"], *document["roles"]]))
    element["label"] = {draw(st.sampled_from(["en", "zh"])): draw(WORDS), **draw(st.sampled_from([{}, element["label"]]))}


def _cells(draw, document):
    form = draw(st.sampled_from(document["forms"]))
    cells = form["access"][0].setdefault("cells", {})
    row = cells.setdefault(draw(st.sampled_from(["lines.rate", "about", "cells", "*"])), {})
    row[draw(st.sampled_from(["new", "open", "*"]))] = draw(st.sampled_from(["hidden", "read", "edit"]))


def _flow(draw, document):
    key = draw(KEYS)
    statuses = document["status_lists"][0]["statuses"]
    if key not in [s["key"] for s in statuses]:
        statuses.append(status(key))
    visit = next((form for form in document["forms"] if form["key"] == "visit"), None)
    if visit:
        guard = {"key": "why", "rule": draw(SMALL), "message": text("No")}
        kept = [t for t in visit.get("transitions", []) if t["key"] != "go"]
        visit["transitions"] = [*kept, transition("go", "open", key, guards=[guard])]


def _options(draw, document):
    customer = form_of(document, "customer")
    keys = draw(st.lists(st.sampled_from(["gold", "iron", "tin"]), min_size=1, unique=True))
    settings = {"options": [{"key": key, "label": text(key)} for key in keys]}
    kept = [f for f in customer["fields"] if f["key"] != "tier"]
    customer["fields"] = [*kept, field("tier", "choice", settings=settings)]


def _clear(draw, document):
    form = draw(st.sampled_from(document["forms"]))
    form.pop(draw(st.sampled_from(["views", "transitions", "title", "status_list"])), None)


def _add_form(draw, document):
    key = draw(KEYS)
    if key not in [form["key"] for form in document["forms"]]:
        document["forms"].append({"key": key, "label": text("x"), "plural": text("y"), "fields": [field("a")]})
        document["forms"][-1]["access"] = [{"role": "staff"}]


CHANGES = [_shuffle, _add_field, _remove_field, _label, _cells, _flow, _options, _clear, _add_form]


@st.composite
def documents(draw, start=None, most=6):
    """A document in its normal form; `start` is one to go on from, `most` how many changes."""
    document = copy.deepcopy(start or small_app())
    for change in draw(st.lists(st.sampled_from(CHANGES), max_size=most)):
        for form in document["forms"]:
            form.setdefault("fields", [])
        change(draw, document)
    return normal(document)
