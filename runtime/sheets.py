"""A list as a sheet to keep: every row of it, not a page alone."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack

from flask import Blueprint, Response, request, send_file

from ..platform.access.policy import member
from ..platform.records import export
from .listing import Listing
from .opening import formats, gate_of

blueprint = Blueprint("sheets", __name__)


@blueprint.get("/apps/<app_key>/<form_key>.csv")
@member
def show(app_key: str, form_key: str) -> Response:
    """What the list of this address without .csv shows, as comma-separated values; whole before it is sent."""
    listing = Listing(gate_of(app_key), form_key, request.args, formats())
    rows = export.sheet(listing.gate, listing.query, listing.column_keys, listing.formats)
    with ExitStack() as opened:
        out = opened.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8-sig", newline=""))
        export.write(out, rows)
        opened.pop_all()  # closed with the answer
    kept = out.detach()
    kept.seek(0)
    return send_file(kept, "text/csv", as_attachment=True, download_name=f"{form_key}.csv")
