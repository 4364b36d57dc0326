"""What is said before publishing about approvals, waits and reminders."""

from __future__ import annotations

import pytest
from formloom.platform.definition.checks import problems
from formloom.platform.definition.schema import load, normal
from formloom.platform.errors import Invalid
from small_app import field, form_of, small_app, text, transition


def app(reminder=None, **change) -> dict:
    document = small_app()
    form = form_of(document, "visit")
    form["fields"] += [field("who", "person"), field("soon", "moment")]
    form["transitions"][0] |= change
    form["reminders"] = [REMINDER | reminder] if reminder is not None else []
    return document


REMINDER = {"key": "soon", "statuses": ["open"], "wait": {"days": 1}, "to": {"roles": ["staff"]}, "message": text("{about}")}


def found(document, severity="block") -> list[str]:
    return [p.path.removeprefix("forms[visit].") for p in problems(load(document)) if p.severity == severity]


FINISH = "transitions[finish]"
AUTOMATIC = {"automatic": True, "who": {}}


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"approval": {}}, []),
        ({"approval": {"kind": "all"}}, []),
        ({"approval": {}} | AUTOMATIC, [f"{FINISH}.approval"]),
        ({"approval": {"kind": "some", "count": 3}}, []),
        ({"approval": {"kind": "some", "count": 3}, "who": {"fields": ["who"], "head": True}}, [f"{FINISH}.approval.count"]),
        ({"approval": {}, "who": {"creator": True}}, [f"{FINISH}.approval.not_self"]),
        ({"approval": {"kind": "in_turn"}, "who": {"roles": ["staff"], "creator": True}}, [f"{FINISH}.approval.not_self"]),
        ({"approval": {"not_self": False}, "who": {"creator": True}}, []),
        ({"wait": {"days": 1}}, [f"{FINISH}.wait"]),
        ({"wait": {"days": 1}} | AUTOMATIC, []),
        ({"wait": {"days": -1}} | AUTOMATIC, [f"{FINISH}.wait"]),
        ({"wait": {"days": -1, "field": "day"}} | AUTOMATIC, []),
        ({"wait": {"hours": -1, "field": "soon"}} | AUTOMATIC, []),
        ({"wait": {"field": "about"}} | AUTOMATIC, [f"{FINISH}.wait.field"]),
        ({"wait": {"field": "gone"}} | AUTOMATIC, [f"{FINISH}.wait.field"]),
        ({"wait": {"field": "lines"}} | AUTOMATIC, [f"{FINISH}.wait.field"]),
    ],
)
def test_transitions(change, places):
    assert found(app(**change)) == places


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"statuses": []}, "statuses"),
        ({"statuses": ["nowhere"]}, "statuses"),
        ({"to": {}}, "to"),
        ({"to": {"roles": ["nobody"]}}, "to.roles"),
        ({"to": {"fields": ["about"]}}, "to.fields"),
        ({"message": text("{nothing}")}, "message"),
        ({"when": {"var": "about"}}, "when.var"),
        ({"wait": {"field": "about"}}, "wait.field"),
    ],
)
def test_reminders(change, place):
    assert found(app({})) == []
    assert found(app(change)) == [f"reminders[soon].{place}"]


def test_what_surprises_is_warned_of():
    assert found(app({"wait": {}}), "warn") == ["reminders[soon].wait"]
    assert found(app({"wait": {"days": 1, "working": True}}), "warn") == ["reminders[soon].wait.working"]
    assert found(app({"wait": {"days": 1, "working": True}}) | {"calendar": {}}, "warn") == []
    assert f"{FINISH}.approval.kind" in found(app(approval={"kind": "in_turn"}), "warn")


def test_a_circle_of_what_happens_at_once_is_warned_of():
    def circle(**wait):
        document = app(wait={"field": "day"}, **AUTOMATIC)
        back = transition("back", "done", "open", who={}, automatic=True, wait=wait)
        form_of(document, "visit")["transitions"].append(back)
        return document

    assert f"{FINISH}" in found(circle(field="day"), "warn")
    assert f"{FINISH}" in found(circle(), "warn")
    assert f"{FINISH}" not in found(circle(days=1), "warn")


@pytest.mark.parametrize(
    "bad",
    [
        {"approval": {"kind": "most"}}, {"approval": {"count": 0}}, {"approval": {"opinion": "maybe"}}, {"approval": []},
        {"wait": {"days": "1"}}, {"wait": {"days": 10**9}}, {"wait": {"weeks": 1}}, {"wait": 3},
    ],
)  # fmt: skip
def test_nonsense_is_refused_by_its_place(bad):
    with pytest.raises(Invalid, match=r"transitions\[finish\]"):
        load(app(**bad))


def test_what_is_as_usual_is_not_written_down():
    document = app(approval={"kind": "one", "count": 1, "not_self": True}, wait=None)
    assert normal(document)["forms"][0]["transitions"][0]["approval"] == {}
