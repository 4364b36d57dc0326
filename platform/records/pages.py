"""Pages of rows, in one statement with the titles of what the rows link to, and how many rows there are."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.rights import READABLE
from ..bigrams import needle
from ..definition.model import STATUS
from ..errors import Invalid, Problem
from .arms import arm_predicate, text_of, texts_of
from .compiled import CompiledForm
from .filtering import filter_predicate
from .keyset import Key, page_statement, read_cursor, write_cursor
from .results import Count, Page, Query, Titles
from .search import search_predicate
from .seen import flags_of, own_columns, seen_rows
from .tables import column_name
from .titles import title_selects, titles_in
from .values import dump_key, load_key
from .visibility import Sight, Unknown, viewer

COUNT_LIMIT = 10_000
PAGE_LIMIT = 500
MOST_KEYS = 8
MOST_SPLIT = 2  # sort fields that show in some rows only, each of which doubles the arms
MOST_WALKED = 48  # arms: statuses, each in every row scope

Keys = tuple[tuple[str, bool], ...]
"""(field, descending) of every sort key, the id last."""


def read_page(gate, sight: Sight, query: Query) -> Page:
    """One page of rows in order, with the titles of what they link to."""
    form = sight.form
    keys = _keys(query)
    cursor = query.after or query.before
    values = _cursor_values(form, keys, cursor) if cursor else None
    empties = None if values is None else tuple(value is None for value in values)
    shape = (query.fields, query.masks, text_of(query.where), keys, empties, query.limit, searching(query), texts_of(query.arms))
    key = ("page", viewer(form, sight.actor), *shape)
    statement = form.asked(key, lambda: _statement(sight, query, keys, empties))
    bound = {f"k{index}": _place(form, name, value) for index, ((name, _down), value) in enumerate(zip(keys, values or (), strict=False))}
    found = gate.ask(form, statement, query, bound)
    limit = _limit(query)
    more = len(found) > limit
    found = found[:limit][::-1] if query.before else found[:limit]
    edges = [_cursor(form, keys, row) for row in (found[:1] + found[-1:])]
    backwards, forwards = (more, True) if query.before else (query.after is not None, more)
    return Page(
        seen_rows((*query.fields, *query.masks), found, sight),
        next=edges[-1] if found and forwards else None,
        previous=edges[0] if found and backwards else None,
        titles=_titles(form, query.fields, found, sight),
    )


def read_count(gate, sight: Sight, query: Query) -> Count:
    """How many rows a query has, exact up to 10,000."""
    form = sight.form
    key = ("count", viewer(form, sight.actor), text_of(query.where), searching(query), texts_of(query.arms))
    number = gate.ask(form, form.asked(key, lambda: _count(sight, query)), query)[0][0]
    return Count(min(number, COUNT_LIMIT), number <= COUNT_LIMIT)


def predicate_of(sight: Sight, query: Any) -> sa.ColumnElement[bool]:
    """What a query asks of rows beside being in scope."""
    parts = [sight.table.c.deleted_at.is_(None)]
    if query.where is not True:
        parts.append(filter_predicate(sight, query.where))
    if looked_for := needle(query.search):
        parts.append(search_predicate(sight, looked_for.certain))
    if query.arms:
        parts.append(sa.or_(*(arm_predicate(sight, arm) for arm in query.arms)))
    return sa.and_(*parts)


def searching(query: Any) -> str:
    """What kind of search the statement makes; "" for none."""
    looked_for = needle(query.search)
    return "" if looked_for is None else "certain" if looked_for.certain else "compared"


def _count(sight: Sight, query: Query) -> sa.Select:
    """The records of several scopes are gathered scope by scope, each by its own index."""
    predicate, most = predicate_of(sight, query), COUNT_LIMIT + 1
    arms = [sa.select(sight.table.c.id).where(predicate, *(() if s is True else (s,))).limit(most) for s in _scopes(sight, query)]
    if len(arms) == 1:
        return sa.select(sa.func.count()).select_from(arms[0].subquery())
    every = sa.union(*(sa.select(arm.subquery()) for arm in arms)).subquery()
    return sa.select(sa.func.count()).select_from(sa.select(every).limit(most).subquery())


def _scopes(sight: Sight, query: Query) -> list[Any]:
    """A search walks what it found, not the scopes."""
    return [sight.in_scope] if searching(query) else sight.scope_arms


def _keys(query: Query) -> Keys:
    """Turned round when paging backwards."""
    named = {}
    for sort in query.sort:
        named.setdefault(sort.field, sort.descending)
    if len(named) > MOST_KEYS:
        raise Invalid([Problem("sort", _("At most %(most)s fields can give the order.", most=MOST_KEYS))])
    keys = list(named.items())
    if "id" not in named:
        keys.append(("id", keys[-1][1] if keys else True))
    keys = keys[: [name for name, _descending in keys].index("id") + 1]
    return tuple((name, descending != bool(query.before)) for name, descending in keys)


def _cursor_values(form: CompiledForm, keys: Keys, cursor: str) -> list[Any]:
    raw = read_cursor(cursor, len(keys))
    return [load_key(form, name, value) for (name, _descending), value in zip(keys, raw, strict=True)]


def _statement(sight: Sight, query: Query, keys: Keys, empties) -> sa.Select:
    form = sight.form
    columns = own_columns(sight)
    for name in (*query.fields, *query.masks):
        if sight.visible(name) is False and (name in query.fields or not sight.told(name)):
            raise Unknown(name)
        columns.append(sight.raw(name).label(column_name(name)))
    scopes = _scopes(sight, query)
    order = _order(sight, keys, len(scopes))
    page = page_statement(
        form.table, columns, scopes, predicate_of(sight, query), order, empties, _limit(query) + 1
    )
    return title_selects(sight, query.fields, page, [key.descending for key in order])


def _order(sight: Sight, keys: Keys, scopes: int) -> list[Key]:
    order, split = [], 0
    for name, descending in keys:
        if name == STATUS and sight.form.statuses is not None:
            order.append(_by_flow(sight, descending, scopes))
            continue
        shown = sight.shown_at(name)
        split += shown is not True
        if shown is not True and split > MOST_SPLIT:
            order.append(Key(sight.column(name), descending))
        else:
            order.append(Key(sight.bare(name), descending, shown, () if shown is True else sight.hidden_at(name)))
    return order


def _by_flow(sight: Sight, descending: bool, scopes: int) -> Key:
    """Statuses in the order of the flow (a record has none that is not among them), each walked by its index, where
    they are not too many.
    """
    status, flow = sight.table.c.status, _flow(sight.form)
    places = tuple(status == key for key in flow) if len(flow) * scopes <= MOST_WALKED else ()
    return Key(sa.case(flow, value=status, else_=len(flow)), descending, places=places)


def _flow(form: CompiledForm) -> dict[str, int]:
    return {status.key: place for place, status in enumerate(form.statuses.statuses)}


def _place(form: CompiledForm, name: str, value: Any) -> Any:
    """What a cursor holds of a key, as it is compared: of a status its place in the flow."""
    if name != STATUS or form.statuses is None:
        return value
    flow = _flow(form)
    return flow.get(value, len(flow))


def _limit(query: Query) -> int:
    return max(1, min(query.limit, PAGE_LIMIT))


def _cursor(form: CompiledForm, keys: Keys, row) -> str:
    """A status is written as such, be it that its place changes by the next page."""
    values = [row.status if name == STATUS else getattr(row, f"k{index}") for index, (name, _down) in enumerate(keys)]
    return write_cursor([dump_key(form, name, value) for (name, _down), value in zip(keys, values, strict=True)])


def _titles(form: CompiledForm, names: tuple[str, ...], found, sight: Sight) -> Titles:
    hidden = {}
    for row in found:
        key = (row.status, flags_of(row, sight))
        hidden[key] = hidden.get(key) or {n for n in names if sight.modes(*key)[n] not in READABLE}
    return titles_in(form, names, ((row, hidden[row.status, flags_of(row, sight)]) for row in found))
