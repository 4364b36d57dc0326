"""Where to go after a form was taken: only ever within this site."""

from __future__ import annotations

from flask import redirect, request

from ..platform.local_path import local_path


def go_back(otherwise: str = "/"):
    """Redirects to the form's or the address's `next`."""
    return redirect(local_path(request.values.get("next"), otherwise), 303)
