"""What can be done with a whole list, beside its records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g, url_for
from flask_babel import gettext as _

from ..platform.access.shares import makes_links
from ..platform.workflow.sheet_guess import may_import

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
    if may_import(listing.gate, listing.form.key):
        found.append(Entry(_("Bring in a sheet"), "upload", url_for("sheet_imports.new", **here)))
    question = f"?{listing.address.query}" if listing.address.query else ""
    for ending, said in (("csv", _("Export as .csv")), ("workbook", _("Export as .xlsx"))):
        found.append(Entry(said, "download", url_for(f"sheets.{ending}", **here) + question))
    if makes_links(g.actor, listing.form.app, listing.form.form.public):
        found.append(Entry(_("Form by link"), "link", url_for("sharing.show", **here)))
    return found
