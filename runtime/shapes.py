"""How a list lays its records out: as its view says, or as its address asks (`as=board&by=channel`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask_babel import gettext as _

from ..platform.definition.checks_views import CREATED, NEEDED, view_choices
from ..platform.definition.flow import Rule
from ..platform.definition.model import STATUS, VIEW_KINDS, View
from ..platform.records.results import Query

if TYPE_CHECKING:
    from .listing import Listing

ICONS = {"list": "list", "board": "columns-3", "calendar": "calendar", "timeline": "chart-gantt"}
GOES_BY = {"board": "by", "calendar": "start", "timeline": "by"}
"""The setting that people may choose anew, by the kind of view."""
OWN = ("as", "by", "start", "only", "month", "from")
"""Parameters of an address that belong to one way of laying out."""


@dataclass(frozen=True)
class Switch:
    """A link to the same records laid out in another way, or by another field."""

    key: str
    label: str
    href: str
    current: bool
    icon: str = ""


def shaped_view(listing: Listing) -> View:
    """The list's view as it is laid out here: with every setting that it needs, or else as a list."""
    view, kind = listing.view, listing.asked.get("as", "")
    if kind in VIEW_KINDS and kind != view.kind:
        view = replace(view, kind=kind, by="", total="", start="", end="")
    given = {name: key for name in ("by", "start") if (key := listing.asked.get(name, "")) in choices(listing, view.kind, name)}
    view = replace(view, **given)
    for name in NEEDED.get(view.kind, ()):
        known = [key for key in choices(listing, view.kind, name) if key not in view.named.values()]
        if getattr(view, name) not in choices(listing, view.kind, name):
            view = replace(view, **{name: known[0] if known else ""})
    rest = {name: "" for name, key in view.named.items() if key not in choices(listing, view.kind, name)}
    view = replace(view, **rest)
    return view if all(getattr(view, name) for name in NEEDED.get(view.kind, ())) else replace(view, kind="list")


def choices(listing: Listing, kind: str, name: str) -> Sequence[str]:
    """What a setting may name for this person, whose lists show it."""
    if kind == "list":
        return ()
    form = listing.form
    key = ("view choices", kind, name)
    known = form.statement(key, lambda: view_choices(form.app, form.form, kind, name))
    return [one for one in known if one in (STATUS, CREATED) or one in listing.readable]


def switches(listing: Listing, shown: View) -> list[Switch]:
    """The ways in which these records can be laid out; none where there is but one."""
    words = {"list": _("List"), "board": _("Board"), "calendar": _("Calendar"), "timeline": _("Timeline")}
    found = [
        Switch(kind, words[kind], _to(listing, **{"as": kind if kind != listing.view.kind else None}), kind == shown.kind, ICONS[kind])
        for kind in VIEW_KINDS
        if _possible(listing, kind)
    ]
    return found if len(found) > 1 else []


def fields_to_go_by(listing: Listing, shown: View) -> list[Switch]:
    """The fields that a board can have columns for, or by which a calendar can go, that of now among them."""
    if shown.kind not in GOES_BY:
        return []
    name = GOES_BY[shown.kind]
    now, known = getattr(shown, name), choices(listing, shown.kind, name)
    found = [Switch(key, listing.label(key), listing.address.to(**{name: key, "only": None}), key == now) for key in known]
    return found if len(found) > 1 or not now else []


def narrowed(query: Query, *rules: Rule) -> Query:
    """The same question of those records alone for which the rules hold as well."""
    where = query.where
    parts = [] if where is True else where["and"] if isinstance(where, dict) and isinstance(where.get("and"), list) else [where]
    parts = [*parts, *rules]
    return replace(query, where={"and": parts} if len(parts) > 1 else parts[0])


class Shape:
    """What every way of laying out has: `places` are the fields (or the status) by which a record has its place."""

    kind = ""

    def __init__(self, listing: Listing, view: View):
        self.listing = listing
        self.view = view
        self.form = listing.form

    @property
    def places(self) -> tuple[str, ...]:
        raise NotImplementedError

    @cached_property
    def moves_by(self) -> str:
        """How the address of a record's place goes on."""
        return self.moving(self.places)

    def moving(self, keys: Sequence[str]) -> str:
        """The same for some of the fields by which it has its place."""
        named = zip(("by", "end"), keys, strict=False)
        return urlencode([*named, ("next", self.listing.address.to(**self.position))])

    @property
    def position(self) -> dict[str, str]:
        """What the address says of the part that is shown."""
        return {}

    @property
    def cleared(self) -> str:
        """The same without what the person narrowed it by."""
        kept = {name: self.listing.asked.get(name) for name in ("as", "by", "start")} | {"view": self.listing.view.key}
        return f"{self.listing.path}?{urlencode({name: value for name, value in kept.items() if value})}"

    def showing(self, query: Query, *keys: str) -> Query:
        """The question with what cards are drawn of as well: the name of a record, and these fields."""
        naming = [key for key in (self.view.title or self.form.form.title,) if key in self.listing.readable]
        wanted = dict.fromkeys((*query.fields, *naming, *keys))
        return replace(query, fields=tuple(key for key in wanted if key in self.listing.readable))


def _possible(listing: Listing, kind: str) -> bool:
    """Whether the form has what a kind goes by; when records were made is offered, but asks for no calendar by itself."""
    if kind in ("calendar", "timeline"):
        return len(choices(listing, kind, "start")) > len(NEEDED[kind]) or kind == listing.view.kind
    return all(choices(listing, kind, name) for name in NEEDED.get(kind, ()))


def _to(listing: Listing, **changes: str | None) -> str:
    return listing.address.to(**(dict.fromkeys(OWN) | changes))
