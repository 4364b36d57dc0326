"""Lists over the app with every type of field: each can be asked about, sorted and grouped by, and edited where it stands."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from formloom.platform.records.compiled import open_app
from formloom.runtime.comparisons import comparisons_for
from formloom.runtime.filters import kind_of
from page import visit
from things import LIST


@pytest.fixture
def filled(things):
    """Two records, of which one has as much in it as can be given plainly."""
    do = things.do("ben")
    record = do.create("every", {"about": "First", "notes": "Long\nnote"})
    do.create("every", {"about": "Second"})
    return record


def menu(browser, name: str) -> str:
    return visit(browser, f"{LIST}?menu={name}").html.split('id="tools"')[1].split('id="list"')[0]


def addresses(html: str, what: str) -> list[str]:
    return [unescape(found) for found in re.findall(rf'href="({re.escape(LIST)}[^"]*{what}[^"]*)"', html)]


@pytest.mark.parametrize("who", ["ben", "cleo", "gil"])
def test_whatever_a_menu_offers_can_be_had(things, filled, who):
    browser = getattr(things, who)
    offered = {name: addresses(menu(browser, name), what) for name, what in (("sort", "sort="), ("group", "group="), ("columns", "columns="), ("fields", "add="))}
    assert all(len(found) > 3 for found in offered.values()), {name: len(found) for name, found in offered.items()}
    for address in (one for found in offered.values() for one in found):
        assert visit(browser, address).status == 200, address
        if "group=" in address:
            page = visit(browser, f"{address}&open=-")
            assert page.status == 200 and page.html.count('class="group-head"') >= 1, address


def test_every_comparison_of_every_field_is_filled_in_and_asked(things, filled):
    """What is asked for stands in the form; what needs no value is an answer by itself."""
    fields = [address.rpartition("add=")[2] for address in addresses(menu(things.ben, "fields"), "add=")]
    with things.workspace.reading() as connection:
        form = open_app(things.workspace, connection, "things").form("every")
    for key in fields:
        for comparison in comparisons_for(kind_of(form, key)):
            page = visit(things.ben, f"{LIST}?{urlencode({'act': 'redraw', 'field-0-0': key, 'is-0-0': comparison.key})}")
            assert page.status == 200 and (('name="value-0-0"' in page.html) == (comparison.asks != "none")), (key, comparison.key)
            if comparison.asks == "none":
                assert visit(things.ben, f"{LIST}?{urlencode({'f': f'{key}~{comparison.key}~'})}").status == 200, (key, comparison.key)


def test_every_field_is_an_input_where_it_stands_or_says_why_not(things, filled):
    fields = [unescape(key) for key in re.findall(r'id="col-([a-z0-9_]+)"', menu(things.ben, "columns"))]
    columns = urlencode({"columns": " ".join(fields)})
    marked = set(re.findall(r'data-key="([a-z0-9_]+)"', visit(things.ben, f"{LIST}?{columns}").html))
    assert {"about", "notes", "colours", "place"} <= marked
    for key in fields:
        if key == "status":
            continue
        cell = visit(things.ben, f"{LIST}{filled.id}/cells/{key}?{urlencode({'list': columns})}")
        assert cell.status == (200 if key in marked else 422), key
        assert (f'name="{key}' in cell.html) == (key in marked), key
    before = things.sees(filled.id)
    for key in marked:  # left as it stands, it is saved as it stands
        cell = visit(things.ben, f"{LIST}{filled.id}/cells/{key}")
        sent = dict(re.findall(r'<input type="hidden" name="(base|key|list)" value="(.*?)">', cell.html))
        answer = things.ben.post(f"{LIST}{filled.id}/cells/{key}", {name: unescape(value) for name, value in sent.items()})
        assert answer.status_code == 200, (key, answer.get_data(as_text=True))
    assert things.sees(filled.id) == before


ODD = (
    "act=more-99", "act=less-9-9", "act=group-x", "act=apply", "act=apply&field-0-0=&is-0-0=", "act=apply&field-0-0=about&is-0-0=nothing&value-0-0=1",
    "field-0-0=about", "act=apply&field-99999999-1=about&is-99999999-1=has&value-99999999-1=x", "menu=nothing", "group=~", "group=status~", "group=~month",
    "group=status&open=%00&open=nothing", "join=xor&f=about~has~x", "view=0", "view=999999999", "view=9999999999999", "edited=1", "edited=1&view=1",
    "sort=,,,-", "sort=-", "columns=%00+about", "f=", "f=%0A%0A", "f=about~has~x%0A", "totals=2", "add=", "add=%00", "f=about~has~%00", "open=x",
)  # fmt: skip


def test_odd_addresses_are_answered_in_words(things, filled):
    said = (200, 303, 404, 422)
    for query in ODD:
        for address in (f"{LIST}?{query}", f"{LIST}views/new?{query}", f"{LIST}{filled.id}/cells/about?list={query}"):
            assert visit(things.ben, address).status in said, address
        for path in ("views", "views/1", "views/1/content", "views/1/deletion", f"{filled.id}/cells/about"):
            answer = things.ben.post(f"{LIST}{path}", {"list": query, "name": "x", "about": "First"})
            assert answer.status_code in said, (path, query)
