"""Language and theme: kept with the account, before sign-in with the visit."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, request, session

from ..platform import db
from ..platform.access.accounts import LANGUAGES, THEMES, Account
from ..platform.access.policy import anyone
from ..platform.errors import Invalid, Problem
from .returning import go_back

blueprint = Blueprint("preferences", __name__)


@blueprint.post("/language")
@anyone
def language():
    _keep("language", LANGUAGES)
    return go_back()


@blueprint.post("/theme")
@anyone
def theme():
    _keep("theme", THEMES)
    return go_back()


def _keep(name: str, allowed: tuple[str, ...]) -> None:
    value = request.form.get(name, "")
    if value not in allowed:
        raise Invalid([Problem(name, ", ".join(allowed))])
    if session.who is None:
        session[name] = value
        return
    change = sa.update(Account).where(Account.id == session.who.id)
    db.system.session.execute(change.values({name: value}))
    db.system.session.commit()
