"""Where to go after a form was taken: only ever within this site."""

from __future__ import annotations

import json

from flask import redirect, request

from ..platform.local_path import local_path


def go_back(otherwise: str = "/"):
    """Redirects to the form's or the address's `next`."""
    return redirect(local_path(request.values.get("next"), otherwise), 303)


def asked_next() -> str:
    """The page that the form or the address wants to go on to; "" where it names none of ours."""
    return local_path(request.values.get("next"), "")


def behind(otherwise: str):
    """The same; to a dialog, word of the page behind it, which is then drawn anew, or left."""
    asked = asked_next()
    if request.headers.get("HX-Target") != "dialog":
        return redirect(asked or otherwise, 303)
    if not asked:
        return "", 204, {"HX-Redirect": otherwise}
    there = {"path": asked, "target": "#content", "select": "#content", "swap": "morph:outerHTML", "push": "false"}
    return "", 204, {"HX-Location": json.dumps(there)}
