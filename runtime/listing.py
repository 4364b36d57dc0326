"""A list as its address asks for it: view, filters, search, sort, columns, page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from flask import url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from ..platform.access.people import colleagues
from ..platform.access.rights import WRITABLE, Grant
from ..platform.definition.flow import Rule
from ..platform.definition.model import NEW, Form, Sort, View, say
from ..platform.errors import NotFound
from ..platform.formats import Formats
from ..platform.ids import storable
from ..platform.records.query import Gate
from ..platform.records.results import Count, Page, Query, Row, Titles
from ..platform.records.saved_views import SavedView, seen_by
from ..platform.records.titles import linked_form
from ..platform.records.visibility import BUILT_IN
from ..platform.rules.sentence import sentence
from ..platform.rules.typing import paths
from .addresses import Address
from .arrangement import Arrangement
from .cells import Column, columns_of, table_rows
from .filters import OWN_KINDS, Filter, Sentence, kind_of, label_of, read_sentence, said
from .grouping import Grouping, groups_offered
from .list_menu import Entry, entries
from .shapes import shaped_view
from .sums import Sums
from .view_content import OpenedView, content_of

PAGE = 50
USUAL_COLUMNS = 7
NUMBER = re.compile("[0-9]{1,9}", re.ASCII)


class Listing:
    """Everything that templates/runtime/list.html shows."""

    def __init__(self, gate: Gate, form_key: str, asked: MultiDict, formats: Formats):
        self.gate = gate
        self.form = gate.compiled.form(form_key)
        self.readable = gate.readable_fields(form_key)
        self.formats = formats
        self.opened = self._opened(asked.get("view", ""))
        self.asked = asked = self.opened.parameters(asked, (*self.readable, *BUILT_IN)) if self.opened else asked
        self.path = url_for("lists.show", app_key=gate.compiled.app.key, form_key=form_key)
        self.address = Address(self.path, asked)
        self.search = asked.get("q", "").strip()
        self.deleted = asked.get("deleted", type=int)  # what was taken away just now, and can come back

    @cached_property
    def views(self) -> Sequence[View]:
        """Those for my roles that filter by nothing hidden from me; worked out once for each set of roles."""
        mine = self.gate.actor.roles_in(self.gate.compiled.app.key)
        key = ("views", mine)
        if key not in self.form.statements:
            views = (view for view in self.form.form.views if not view.roles or mine & set(view.roles))
            self.form.statements[key] = [view for view in views if self._sees(view)]
        return self.form.statements[key] or [View("all", {"en": "All", "zh": "全部"}, self._usual_columns())]

    @cached_property
    def saved_views(self) -> list[SavedView]:
        """My own and those that are shared with me."""
        return seen_by(self.gate.connection, self.gate.actor, self.gate.compiled.app.key, self.form.key)

    @property
    def own_views(self) -> list[SavedView]:
        return [saved for saved in self.saved_views if saved.is_of(self.gate.actor)]

    @property
    def shared_views(self) -> list[SavedView]:
        """Those of others."""
        return [saved for saved in self.saved_views if not saved.is_of(self.gate.actor)]

    @property
    def differs(self) -> bool:
        """Whether the saved view that is open would show something else by itself."""
        return self.opened is not None and content_of(self) != self.opened.saved.content

    @property
    def refused(self) -> bool:
        """Whether it asks for something hidden from this person."""
        hidden = [chosen.field for chosen in self.filters if chosen.field not in (*self.readable, *BUILT_IN)]
        return bool(hidden) or not self._sees(self.view)

    def _opened(self, key: str) -> OpenedView | None:
        """The saved view of a number."""
        if not NUMBER.fullmatch(key):
            return None
        for saved in self.saved_views:
            if saved.id == int(key):
                return OpenedView(saved, self.form, self.formats)
        raise NotFound

    @cached_property
    def view(self) -> View:
        if self.opened:
            return self.opened.view
        key = self.asked.get("view") or self.views[0].key
        for view in self.views:
            if view.key == key:
                return view
        raise NotFound

    @property
    def join(self) -> str:
        """What stands between sentences."""
        return "or" if self.asked.get("join") == "or" else "and"

    @cached_property
    def shown(self) -> View:
        """The view as it is laid out here."""
        return shaped_view(self)

    @cached_property
    def sentences(self) -> list[Sentence]:
        return [read_sentence(self.form, text, self.join, self.formats) for text in self.asked.getlist("f")]

    @property
    def filters(self) -> list[Filter]:
        return [one for sentence in self.sentences for one in sentence.filters]

    @property
    def narrowing(self) -> Rule:
        """What the sentences say together, today and of this person."""
        ours = any(one.comparison.colleagues for one in self.filters)
        people = colleagues(self.gate.connection, self.gate.actor) if ours else ()
        rules = [one.rule(self.formats, people) for one in self.sentences]
        return True if not rules else rules[0] if len(rules) == 1 else {self.join: rules}

    @cached_property
    def column_keys(self) -> tuple[str, ...]:
        asked = tuple(self.asked.get("columns", "").split())
        keys = [key for key in asked or self.view.columns if key in self.choosable_columns]
        return tuple(dict.fromkeys(keys)) or self._usual_columns()

    @cached_property
    def choosable_columns(self) -> tuple[str, ...]:
        listed = self.gate.listed_fields(self.form.key)
        return (*listed, "status") if self.form.statuses else listed

    @cached_property
    def sort(self) -> tuple[Sort, ...]:
        asked = [text for text in self.asked.get("sort", "").split(",") if text]
        if asked:
            return tuple(Sort(text.removeprefix("-"), text.startswith("-")) for text in asked)
        return tuple(sort for sort in self.view.sort if sort.field in self.readable or sort.field in BUILT_IN)

    @cached_property
    def query(self) -> Query:
        where = [rule for rule in (self.view.where, self.narrowing) if rule is not True]
        fields = dict.fromkeys(key for key in (*self.column_keys, *(one.field for one in self.filters)) if key not in BUILT_IN)
        masks = tuple(key for key in fields if key not in self.readable)
        return Query(
            form=self.form.key,
            fields=tuple(key for key in fields if key in self.readable),
            masks=masks,
            where={"and": where} if len(where) > 1 else where[0] if where else True,
            sort=self.sort,
            after=self.asked.get("after"),
            before=self.asked.get("before"),
            limit=PAGE,
            search=self.search,
        )

    @cached_property
    def page(self) -> Page:
        return self.gate.page(self.query)

    def first(self, most: int) -> Sequence[Row]:
        """The first records of the whole list, by nothing but what every row has."""
        return self.gate.page(replace(self.query, fields=(), masks=(), after=None, before=None, limit=most)).rows

    @cached_property
    def count(self) -> Count:
        return self.gate.count(self.query)

    @cached_property
    def tally(self) -> str:
        """How many there are: "312", "10,000+"."""
        return self.formats.number(self.count.number) + ("" if self.count.exact else "+")

    @cached_property
    def columns(self) -> list[Column]:
        return columns_of(self.form, self.column_keys, self.formats)

    @cached_property
    def arrangement(self) -> Arrangement:
        return Arrangement(self)

    @cached_property
    def grouping(self) -> Grouping | None:
        asked = self.asked.get("group", "")
        return Grouping(self, asked) if asked else None

    @property
    def groups_offered(self) -> Sequence[tuple[str, str]]:
        return groups_offered(self)

    @cached_property
    def sums(self) -> Sums:
        return Sums(self)

    @property
    def menu(self) -> str:
        """What stands open: "filter", "fields", "sort", "group" or "columns"."""
        return self.asked.get("menu", "")

    @property
    def rows(self) -> Markup:
        return self.drawn(self.page)

    def drawn(self, page: Page) -> Markup:
        return table_rows(self.form.form, self.columns, page.rows, page.titles, self.path, self.picks)

    @cached_property
    def picks(self) -> bool:
        """Whether this person may change any records here, and so several at once."""
        grants = self.form.actor_grants(self.gate.actor)
        return self.form.statement(("picks", tuple(grant.role for grant in grants)), lambda: _changes_something(self.form.form, grants))

    @property
    def entries(self) -> list[Entry]:
        """What can be done with the whole of it."""
        return entries(self)

    @property
    def view_sentence(self) -> str:
        """What the view itself leaves out, in words."""
        if self.view.where is True:
            return ""
        return sentence(self.view.where, self.form.scope, self.formats.language)

    @cached_property
    def titles(self) -> Titles:
        """What is linked to is called: on the page, and in the filters."""
        found = dict(self.page.titles)
        for chosen in self.filters:
            target = linked_form(self.form, chosen.field)
            ids = [value for value in chosen.values if target and (target, value) not in found and storable(value)]
            if ids:
                found |= {(target, one.id): one.title for one in self.gate.choices(self.form.key, chosen.field, "", len(ids), ids)}
        return found

    def said(self, chosen: Filter) -> str:
        return said(self.form, chosen, self.formats, self.titles)

    @property
    def filterable(self) -> list[tuple[str, str]]:
        """(key, label) of what a filter can ask about."""
        seen = [key for key in self.choosable_columns if key in self.readable or key == "status"] + list(OWN_KINDS)
        keys = [key for key in seen if kind_of(self.form, key)]
        return sorted(((key, self.label(key)) for key in keys), key=lambda pair: pair[1].casefold())

    def label(self, key: str) -> str:
        return label_of(self.form, key, self.formats.language)

    @property
    def narrowed(self) -> bool:
        """Whether the person narrowed it further than the view does."""
        return bool(self.search or self.filters)

    @property
    def title(self) -> str:
        return say(self.form.form.plural, self.formats.language)

    def _sees(self, view: View) -> bool:
        """Whether everything that a view filters by is shown to this actor."""
        if view.where is True:
            return True
        known = {*self.readable, *BUILT_IN, "user", "today", "now", *(rows.key for rows in self.form.form.rows)}
        return all(path.partition(".")[0] in known for path in paths(view.where, self.form.scope))

    def _usual_columns(self) -> tuple[str, ...]:
        """For a form without views: what names a record, its status, and the first of its fields."""
        form = self.form.form
        first = [form.title, form.subtitle, *(["status"] if self.form.statuses else []), *self.readable]
        return tuple(dict.fromkeys(key for key in first if key in self.choosable_columns))[:USUAL_COLUMNS]


def _changes_something(form: Form, grants: Sequence[Grant]) -> bool:
    """Whether these grants let one change a record that is there, or move it on."""
    writes = any(mode in WRITABLE for g in grants for step, modes in g.modes.items() if step != NEW for mode in modes.values())
    mine = {grant.role for grant in grants}
    moves = (t for t in form.flow() if not t.automatic)
    return writes or any(mine & {*t.who.roles} or t.who.creator or t.who.head or t.who.fields or t.approval for t in moves)

