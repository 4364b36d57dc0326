"""The indexes of a form's table: what its links, statuses and views need, and no more than ten."""

from __future__ import annotations

from formloom.platform.definition.schema import load
from formloom.platform.records.indexes import MOST, wanted_indexes
from small_app import field, form_of, small_app, text

MINE = {"===": [{"var": "created_by"}, {"var": "user.id"}]}


def wanted(**change) -> list[str]:
    """Each index as text, "-" before a column that falls."""
    document = small_app()
    form_of(document, "visit").update(change)
    app = load(document)
    found = wanted_indexes(app, app.form_by_key["visit"])
    words = [" ".join(("-" if falls else "") + name for name, falls in index.columns) for index in found]
    assert words[-1:] == MADE or len(words) == MOST
    return [one for one in words if one not in MADE]


def view(key: str, *sort: str, **rest) -> dict:
    sorts = [{"field": name.strip("-"), "descending": name.startswith("-")} for name in sort]
    return {"key": key, "label": text(key), "sort": sorts} | rest


def roles(*scopes) -> dict:
    return {"access": [{"role": f"r{n}", "scope": scope} for n, scope in enumerate(scopes)]}


ALWAYS = ["f_customer", "status id"]
MADE = ["created_by status"]  # the last, while there is room


def test_links_and_statuses_always():
    assert wanted(views=[]) == ALWAYS


def test_a_view_is_walked_in_its_order():
    assert wanted(views=[view("a", "day")]) == [*ALWAYS, "f_day id"]
    assert wanted(views=[view("a", "-day"), view("b", "day")]) == [*ALWAYS, "f_day id"]
    assert wanted(views=[view("a", "-day", "about")]) == [*ALWAYS, "f_day -f_about -id"]
    assert wanted(views=[view("a", "created_at")]) == [*ALWAYS, "created_at id"]


def test_a_view_of_one_status_starts_there():
    where = {"and": [{"!==": [{"var": "day"}, None]}, {"===": [{"var": "status"}, "open"]}]}
    assert wanted(views=[view("a", "day", where=where)]) == [*ALWAYS, "status f_day id"]


def test_a_board_is_walked_column_by_column_and_a_calendar_by_its_days():
    board = view("a", "day", kind="board", by="status", total="total")
    assert wanted(views=[board]) == [*ALWAYS, "status f_day id", "status deleted_at f_total"]
    assert wanted(views=[view("a", kind="board", by="status")]) == [*ALWAYS]
    assert wanted(views=[view("a", "about", kind="calendar", start="day", end="day")]) == [*ALWAYS, "f_day id"]


def test_a_role_that_sees_its_own_starts_there():
    own = [*ALWAYS, "created_by f_day id", "created_by id"]
    assert wanted(views=[view("a", "day")], **roles("own")) == own
    assert wanted(views=[view("a", "day")], **roles(MINE)) == own
    assert wanted(views=[view("a", "day")], **roles("all", "own")) == [*ALWAYS, "f_day id", *own[2:]]
    assert wanted(views=[view("a", "day", roles=["r0"])], **roles("all", "own")) == [*ALWAYS, "f_day id", "created_by id"]


def test_each_of_a_few_values_is_a_scope_of_its_own():
    either = {"or": [MINE, {"in": [{"var": "status"}, ["open", "done"]]}]}
    scoped = [*ALWAYS, "created_by f_day id", "status f_day id", "created_by id"]
    assert sorted(wanted(views=[view("a", "day")], **roles(either))) == sorted(scoped)


def test_numbers_that_views_show_are_summed_by_status():
    assert wanted(views=[view("a", "day", columns=["about", "total"])]) == [*ALWAYS, "f_day id", "status deleted_at f_total"]


def test_what_has_no_column_has_no_index():
    live = field("tier", "lookup", settings={"via": "customer", "field": "tier", "live": True})
    fields = [*form_of(small_app(), "visit")["fields"], live]
    assert wanted(fields=fields, views=[view("a", "tier"), view("b", "tier", "day")]) == ALWAYS


def test_what_one_made_is_found_by_its_status_where_there_are_statuses():
    app = load(small_app())
    last = [wanted_indexes(app, form)[-1].columns for form in app.forms if form.status_list]
    assert last and set(last) == {(("created_by", False), ("status", False))}
    assert not [one for form in app.forms if not form.status_list for one in wanted_indexes(app, form) if one.columns[0][0] == "created_by"]


def test_ten_at_most():
    links = [field(f"link_{n}", "link", settings={"form": "customer"}) for n in range(4)]
    fields = [*form_of(small_app(), "visit")["fields"], *links, *(field(f"text_{n}") for n in range(20))]
    found = wanted(fields=fields, views=[view(f"v{n}", f"text_{n}") for n in range(20)])
    assert len(found) == 10
    assert found[:7] == ["f_customer", *(f"f_link_{n}" for n in range(4)), "status id", "f_text_0 id"]
