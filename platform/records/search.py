"""Search in a form: its searchable fields where the actor sees them, and the titles of what it links to.

The index names candidates, of which each is then compared in full. Every field is an arm of its own, so that
one that shows in some rows only is searched there alone; the title of a link follows the form that links.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import Any

import sqlalchemy as sa

from ..bigrams import Needle, folded, has_text, mark_of, tokens
from ..exact_sql import plain
from ..structured import Listed, Parts, in_one
from .compiled import CompiledForm
from .search_index import index_table
from .tables import column_name
from .visibility import Sight

NEEDLE = sa.bindparam("needle", type_=sa.Text)


def search_predicate(sight: Sight, certain: bool) -> sa.ColumnElement[bool]:
    """Rows of which some readable text holds the needle; the bound values are those of `search_parameters`."""
    arms = list(_arms(sight, certain))
    return sight.table.c.id.in_(sa.union(*arms)) if arms else sa.false()


def searched(form: CompiledForm) -> set[str]:
    """The keys of all fields, of the form and of what it links to, that a search looks at."""
    found = set(form.searchable)
    for _key, target in _titled_links(form):
        found.add(target.form.title)
    return found


def search_parameters(form: CompiledForm, needle: Needle | None, dialect: str) -> dict[str, Any]:
    """The values of the names bound in a search of a form."""
    return {} if needle is None else parameters_for(form.statement(("searched",), lambda: sorted(searched(form))), needle, dialect)


def parameters_for(keys, needle: Needle, dialect: str) -> dict[str, Any]:
    words = {f"words_{key}": tokens(key, needle.pairs) for key in keys}
    if dialect == "sqlite":
        words = {name: _all_of(found) for name, found in words.items()}
    return words | {"needle": needle.text}


def _all_of(words: Sequence[str]) -> str:
    """As FTS5 is asked for rows that have every one of these words."""
    return "(" + " ".join(f'"{word}"' for word in words) + ")"


def _arms(sight: Sight, certain: bool) -> Iterator[sa.Select]:
    """Selects of record ids: of the fields that always show together, of each other field, of each link."""
    shown = {key: seen for key in sight.form.searchable if (seen := sight.visible(key)) is not False}
    always = [key for key, seen in shown.items() if seen is True]
    if always:
        yield holders(sight.form, always, sight.dialect, certain)
    for key, seen in shown.items():
        if seen is not True:
            found = holders(sight.form, [key], sight.dialect, certain)
            yield _where_shown(sight, key, lambda mine, found=found: mine.table.c.id.in_(found))
    for key, target in _titled_links(sight.form):
        if sight.visible(key) is not False:
            named = holders(target, [target.form.title], sight.dialect, certain)
            yield _where_shown(sight, key, lambda mine, key=key, named=named: mine.raw(key).in_(named))


def _where_shown(sight: Sight, key: str, found: Callable[[Sight], sa.ColumnElement[bool]]) -> sa.Select:
    """The records for which something holds among those that show a field."""
    mine = Sight(sight.form, sight.actor, sight.dialect, sight.form.table.alias())
    shown = mine.visible(key)
    return sa.select(mine.table.c.id).where(found(mine), *(() if shown is True else (shown,)))


def _titled_links(form: CompiledForm) -> Iterator[tuple[str, CompiledForm]]:
    """The links of a record (not of its lines) to what has a title that is searched."""
    for field in form.stored_fields:
        if field.type == "link":
            target = form.compiled.form(field.settings["form"])
            if target.form.title in target.searchable:
                yield field.key, target


def holders(form: CompiledForm, keys: Sequence[str], dialect: str, certain: bool) -> sa.Select:
    """The ids of all records of which one of these fields holds the needle, whoever asks.

    certain: what has its pairs holds it, and need not be compared.
    """
    certain = certain and len(set(map(mark_of, form.searchable))) == len(form.searchable)
    return (_in_array if dialect == "postgresql" else _in_fts)(form, keys, certain)


def _in_array(form: CompiledForm, keys: Sequence[str], certain: bool) -> sa.Select:
    index = index_table(form.app.key, form.key, "postgresql").alias()
    found = []
    for key in keys:
        has_words = index.c.grams.contains(sa.bindparam(f"words_{key}", type_=index.c.grams.type))
        found.append(has_words if certain else sa.and_(has_words, has_text(index.c.texts[key].astext, NEEDLE)))
    return sa.select(index.c.rowid).where(sa.or_(*found))


def _in_fts(form: CompiledForm, keys: Sequence[str], certain: bool) -> sa.Select:
    indexed = index_table(form.app.key, form.key, "sqlite")
    index = indexed.alias()
    words = [sa.bindparam(f"words_{key}", type_=sa.Text) for key in keys]
    some = reduce(lambda one, other: one.concat(" OR ").concat(other), words)
    found = sa.select(index.c.rowid).where(index.c[indexed.name].op("MATCH")(some))
    if certain:
        return found
    table = form.table.alias()
    held = sa.or_(*(has_text(_folded(form, table, key), NEEDLE) for key in keys))
    return found.join_from(index, table, table.c.id == index.c.rowid).where(held)


def _folded(form: CompiledForm, table: sa.FromClause, key: str) -> sa.ColumnElement:
    value = table.c[column_name(key)]
    if isinstance(value.type, Listed | Parts):
        return folded(in_one(value))
    return folded(plain(value) if form.shown[key][0].kind == "number" else value)
