"""Sessions on the server: the browser holds a random id, we hold its hash and one row.

Before sign-in there is no row: a signed cookie holds the little that is needed (the CSRF secret,
the language). After it the id is new, so that nothing planted before sign-in is of use.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import session
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import CallbackDict

from .. import db
from ..quick import Quick
from .accounts import Account, now, reading
from .workspaces import Membership, WorkspaceRow, workspaces_of

LIFETIME = timedelta(days=30)
CSRF = "csrf_token"


class Session(db.system.Model):
    """id: SHA-256 of what the cookie holds.  data: what Flask keeps between two requests (messages)."""

    __tablename__ = "session"

    id: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    workspace_id: Mapped[int | None] = mapped_column(sa.ForeignKey("workspace.id", ondelete="SET NULL"))
    data: Mapped[dict[str, Any]] = mapped_column(db.Json, default=dict)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    agent: Mapped[str] = mapped_column(sa.String(200), default="")


# Who asks, in one statement: the account, its session, and the chosen workspace if it is a member there.
WHO = Quick(
    sa.select(
        Session.id.label("session_id"),
        Session.data,
        Account.id,
        Account.name,
        Account.email,
        Account.language,
        Account.theme,
        WorkspaceRow.slug.label("workspace"),
        WorkspaceRow.name.label("workspace_name"),
        Membership.member_id,
    )
    .join(Account, Account.id == Session.account_id)
    .outerjoin(
        Membership,
        sa.and_(
            Membership.account_id == Account.id, Membership.workspace_id == Session.workspace_id, Membership.active
        ),
    )
    .outerjoin(WorkspaceRow, WorkspaceRow.id == Membership.workspace_id)
    .where(Session.id == sa.bindparam("id"), Session.expires_at > sa.bindparam("now", type_=sa.DateTime), Account.active)
)


class OurSession(CallbackDict, SessionMixin):
    """Flask's `session`; `who` is the row of WHO, None before sign-in."""

    def __init__(self, data: dict[str, Any], who: Any | None):
        super().__init__(data, lambda changed: setattr(changed, "modified", True))
        self.modified = False
        self.who = who
        self.token: str | None = None  # set at sign-in: the id to send
        self.ended = False


class OurSessions(SessionInterface):
    """Opens and saves `session`; a plain read writes nothing."""

    def open_session(self, app, request) -> OurSession:
        sent = request.cookies.get(_cookie(app), "")
        if "." in sent:
            return OurSession(_unsigned(app, sent), None)
        who = _who(sent) if sent else None
        if who is None:
            return OurSession({}, None)
        return OurSession((who.data or {}) | {CSRF: _csrf_secret(app, sent)}, who)

    def save_session(self, app, session, response) -> None:
        response.headers.add("Vary", "Cookie")
        if session.token:
            _send(app, response, session.token, LIFETIME)
        elif session.ended:
            response.delete_cookie(_cookie(app), path="/", secure=app.config["SESSION_COOKIE_SECURE"], httponly=True)
        elif session.modified and session.who is None:
            _send(app, response, _signer(app).dumps(dict(session)), None)
        elif session.modified:
            data = {key: value for key, value in session.items() if key != CSRF}
            db.system.session.rollback()  # whatever a view meant to keep is committed; its lock must not stand
            db.system.session.execute(sa.update(Session).where(Session.id == session.who.session_id).values(data=data))
            db.system.session.commit()


def begin(account_id: int, agent: str = "") -> None:
    """Signs in: a new row, a new id; what the browser had before is worth nothing. Not committed."""
    token = secrets.token_urlsafe(32)
    at = now()
    row = Session(
        id=_hashed(token), account_id=account_id, workspace_id=_starting_workspace(account_id), data={},
        created_at=at, expires_at=at + LIFETIME, agent=agent[:200],
    )  # fmt: skip
    if session.who is not None:
        end(session.who.id, session.who.session_id)
    db.system.session.execute(sa.delete(Session).where(Session.expires_at <= at))
    db.system.session.add(row)
    session.token = token


def _starting_workspace(account_id: int) -> int | None:
    """The one last worked in, if the account is still a member of it; else the first by name."""
    last = db.system.session.get(Account, account_id).workspace_id
    mine = [row.id for row in workspaces_of(account_id)]
    return last if last in mine else next(iter(mine), None)


def end(account_id: int, session_id: bytes) -> None:
    """Ends one session of an account. Not committed."""
    chosen = sa.and_(Session.account_id == account_id, Session.id == session_id)
    db.system.session.execute(sa.delete(Session).where(chosen))


def end_all(account_id: int, but: bytes = b"") -> None:
    """Ends every session of an account, as a new password does; `but` may stay. Not committed."""
    chosen = sa.and_(Session.account_id == account_id, Session.id != but)
    db.system.session.execute(sa.delete(Session).where(chosen))


def of_account(account_id: int) -> list[sa.Row]:
    """The sessions that an account has open, newest first."""
    columns = sa.select(Session.id, Session.created_at, Session.agent)
    open_ones = columns.where(Session.account_id == account_id, Session.expires_at > now())
    with reading() as connection:
        return list(connection.execute(open_ones.order_by(Session.created_at.desc())))


def choose_workspace(session_id: bytes, workspace_id: int) -> None:
    """The workspace that this session works in from now on, and the next one starts in. Not committed."""
    row = db.system.session.get(Session, session_id)
    row.workspace_id = workspace_id
    db.system.session.get(Account, row.account_id).workspace_id = workspace_id


def _who(token: str) -> Any | None:
    with reading() as connection:
        return WHO.first(connection, id=_hashed(token), now=now())


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _csrf_secret(app, token: str) -> str:
    """The session's CSRF secret follows from its id, so that reading a page stores nothing."""
    return hmac.new(app.secret_key.encode(), token.encode(), "sha256").hexdigest()


def _cookie(app) -> str:
    return app.config["SESSION_COOKIE_NAME"]


def _signer(app) -> URLSafeSerializer:
    return URLSafeSerializer(app.secret_key, salt="formloom-visitor")


def _unsigned(app, sent: str) -> dict[str, Any]:
    try:
        return dict(_signer(app).loads(sent))
    except (BadSignature, TypeError, ValueError):
        return {}


def _send(app, response, value: str, lifetime: timedelta | None) -> None:
    response.set_cookie(
        _cookie(app), value, max_age=lifetime, path="/", httponly=True, samesite="Lax",
        secure=app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip
