"""What can be done with a whole list, beside its records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g, url_for
from flask_babel import gettext as _

from ..platform.access.shares import makes_links

if TYPE_CHECKING:
    from .listing import Listing


@dataclass(frozen=True)
class Entry:
    label: str
    icon: str
    href: str


def entries(listing: Listing) -> list[Entry]:
    """As far as this person may."""
    here = {"app_key": listing.form.app.key, "form_key": listing.form.key}
    found = []
    if makes_links(g.actor, listing.form.app, listing.form.form.public):
        found.append(Entry(_("Form by link"), "link", url_for("sharing.show", **here)))
    return found
