"""An app as one file, to be brought into another workspace or installation."""

from __future__ import annotations

from flask import Response, g, request

from ..platform.access.policy import admin
from ..platform.definition import bundle
from .workshop import design_pages

blueprint = design_pages("app_file", "/file")


@blueprint.get("")
@admin
def download(app_key: str):
    """What runs; with `draft`, or where nothing runs yet, what is being built."""
    with g.workspace.reading() as connection:
        document = bundle.export_app(connection, app_key, draft="draft" in request.args)
    named = f'attachment; filename="{document["key"]}.formloom.json"'
    return Response(bundle.written(document), mimetype="application/json", headers={"Content-Disposition": named})
