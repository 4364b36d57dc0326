"""Checks of derived values over the whole app: circles, and what is kept although it could change unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flask_babel import gettext as _

from .. import registry
from .dependencies import COPIED, Node, graph_of
from .findings import Finding
from .model import App, Field
from .order import in_order
from .steady import unsteady

Graph = Mapping[Node, Sequence[Node]]


def derived_findings(app: App) -> Iterator[Finding]:
    """What stands on itself, or on what is shown and hidden by what changes unseen; each told once."""
    graph = {node: sorted(reads) for node, reads in graph_of(app).items()}
    circles = list(_circles(graph))
    yield from circles
    if not circles:
        yield from _shaken(app, graph)


def _circles(graph: Graph) -> Iterator[Finding]:
    """Each circle of values once, told from its first field on."""
    done: set[Node] = set()
    for start in graph:
        circle = _circle(graph, start, done)
        if circle:
            alone = len({form for form, _path in circle}) == 1
            names = [path if alone else f"{form}.{path}" for form, path in [*circle, circle[0]]]
            yield Finding(place_of(circle[0]), _("This stands on itself: %(around)s.", around=" → ".join(names)))


def _circle(graph: Graph, start: Node, done: set[Node]) -> list[Node]:
    """The first circle reached from a value that was not looked at yet; walks without recursion."""
    trail, waiting = [], [(start, 0)]
    while waiting:
        node, depth = waiting.pop()
        done.update(trail[depth:])
        del trail[depth:]
        if node in trail:
            done.update(trail)
            return trail[trail.index(node) :]
        if node in done:
            continue
        trail.append(node)
        waiting += [(following, depth + 1) for following in graph.get(node, ())]
    done.update(trail)
    return []


def _shaken(app: App, graph: Graph) -> Iterator[Finding]:
    """Stored values that stand on a field which what changes by itself, or on another record, shows and hides."""
    shaky: dict[Node, tuple[str, str]] = {}
    for node in in_order(graph, graph.__getitem__):
        form_key, path = node
        form = app.form_by_key[form_key]
        field = form.field_at(path)
        beneath = (shaky[read] for read in _beneath(field, node, graph) if read in shaky)
        found = next(beneath, None) or next(_shown_by(app, node), None)
        if found is not None:
            shaky[node] = found
            if _kept(field):
                sentence = _("A stored value cannot stand on “%(field)s”: “%(name)s” shows and hides it.", field=found[0], name=found[1])
                yield Finding(place_of(node), sentence)


def _beneath(field: Field, node: Node, graph: Graph) -> list[Node]:
    """What a value goes with; a look-up keeps what it took."""
    rows, dot, _column = node[1].rpartition(".")
    own = [(node[0], rows)] if dot else []
    return own + [read for read in graph[node] if field.type not in COPIED or read[0] == node[0]]


def _shown_by(app: App, node: Node) -> Iterator[tuple[str, str]]:
    """(the field, what its show rule reads) that no command tells of when it changes."""
    form = app.form_by_key[node[0]]
    rows, _dot, _column = node[1].rpartition(".")
    show = form.field_at(node[1]).show
    if not isinstance(show, bool):
        yield from ((node[1], name) for name, _sentence in unsteady(app, form, rows, show))


def _kept(field: Field) -> bool:
    return field.type in ("formula", "rollup") and registry.fields[field.type].stored(field)


def place_of(node: Node) -> str:
    form, path = node
    return f"forms[{form}].fields[{path.replace('.', '].fields[')}]"
