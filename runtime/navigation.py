"""The frame around every page: the places one can go to, as far as one may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _

from ..platform.definition.model import App, Form, say
from ..platform.language import listed
from .opening import end_reading, gate_of, live_apps

blueprint = Blueprint("navigation", __name__)

HUES = ("blue", "orange", "green", "violet", "teal", "pink", "indigo", "amber", "slate", "lime")
THUMBS = 3  # places in the bar at the foot of a phone, beside "More"


@dataclass(frozen=True)
class Place:
    """A page to go to. `count` names the live figure beside it: "inbox", "notices"."""

    label: str
    icon: str
    href: str
    count: str = ""

    @property
    def current(self) -> bool:
        return request.path == self.href or (self.href != "/" and request.path.startswith(self.href))


@dataclass(frozen=True)
class Group:
    label: str
    places: tuple[Place, ...]


class Frame:
    """What base.html shows around the content; read only when a whole page is drawn."""

    @property
    def workspace(self) -> str:
        return g.account.workspace_name if g.actor else "Formloom"

    @property
    def name(self) -> str:
        return g.actor.name if g.actor else g.account.name

    @property
    def number(self) -> int:
        return g.actor.id if g.actor else g.account.account_id

    @cached_property
    def roles(self) -> str:
        """My roles, in words."""
        if g.actor is None:
            return ""
        mine = [
            say(compiled.app.role_by_key[role].label, g.language)
            for key, compiled in live_apps().items()
            for role in sorted(g.actor.roles_in(key))
            if role in compiled.app.role_by_key
        ]
        return listed(mine + ([_("workspace admin")] if g.actor.admin else []))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        if g.actor is None:
            return ()
        return (
            Place(_("Home"), "house", url_for("home.show")),
            Place(_("Inbox"), "inbox", url_for("inbox.show"), "inbox"),
        )

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        if g.actor is None:
            return ()
        groups = [group for key, compiled in live_apps().items() for group in _groups(compiled.app, gate_of(key).forms())]
        if g.actor.admin:
            groups.append(Group(_("Workspace"), _for_administrators()))
        return tuple(groups)

    @cached_property
    def thumbs(self) -> tuple[Place, ...]:
        """The few places for the thumb, on a phone."""
        forms = [place for group in self.groups for place in group.places]
        return (*self.places, *forms)[:THUMBS]


def _for_administrators() -> tuple[Place, ...]:
    return (
        Place(_("Members"), "users", "/members"),
        Place(_("Apps"), "layout-grid", "/build/"),
        Place(_("Undelivered"), "inbox", "/undelivered"),
    )


def _groups(app: App, forms: Iterable[Form]) -> list[Group]:
    """The forms of one app under the headings that they name, else under the app's own."""
    groups: dict[str, list[Place]] = {}
    for form in forms:
        heading = say(form.group or app.label, g.language)
        place = Place(say(form.plural, g.language), form.icon, list_path(app.key, form.key))
        groups.setdefault(heading, []).append(place)
    return [Group(heading, tuple(places)) for heading, places in groups.items()]


def list_path(app_key: str, form_key: str) -> str:
    return url_for("lists.show", app_key=app_key, form_key=form_key)


@blueprint.app_context_processor
def _frame() -> dict:
    return {"frame": Frame()}


@blueprint.app_template_filter("hue")
def hue(number: int | None) -> str:
    """Always the same colour for the same person."""
    return HUES[(number or 0) % len(HUES)]


@blueprint.app_template_filter("initials")
def initials(name: str) -> str:
    """NK of Nora Klein; the last two characters of a name without spaces that is not Latin."""
    words = [word for word in name.split() if word.isascii()] or name.split()
    if len(words) == 1 and not name.isascii():
        return name[-2:]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@blueprint.app_template_filter("lower_first")
def lower_first(text: str) -> str:
    """A label inside a sentence: "Order" -> "order", but "API key" stays."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


blueprint.teardown_app_request(end_reading)
