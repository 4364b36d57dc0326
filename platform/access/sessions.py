"""Sessions on the server: the browser holds a random id, we hold its hash and one row.

Before sign-in there is no row: a signed cookie holds the little that is needed (the CSRF secret,
the language). After it the id is new, so that nothing planted before sign-in is of use.

What the next page is to say ("Saved") travels in a cookie of its own, signed for this session and gone
with that page: a command's commit is the only one of its request.
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
SAYING = timedelta(minutes=5)
LONGEST = 3500  # of a cookie, so that browsers keep it
CSRF = "csrf_token"


class Session(db.system.Model):
    """id: SHA-256 of what the cookie holds."""

    __tablename__ = "session"

    id: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    workspace_id: Mapped[int | None] = mapped_column(sa.ForeignKey("workspace.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    agent: Mapped[str] = mapped_column(sa.String(200), default="")


# Who asks, in one statement: the account, its session, and the chosen workspace if it is a member there.
WHO = Quick(
    sa.select(
        Session.id.label("session_id"),
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
    """Flask's `session`; `who` is the row of WHO, None before sign-in.  id: what the browser sent."""

    def __init__(self, data: dict[str, Any], who: Any | None, id: str = ""):
        super().__init__(data, lambda changed: setattr(changed, "modified", True))
        self.modified = False
        self.who = who
        self.id = id
        self.token: str | None = None  # set at sign-in: the id to send
        self.ended = False


class OurSessions(SessionInterface):
    """Opens and saves `session`; only signing in and out writes anything."""

    def open_session(self, app, request) -> OurSession:
        sent = request.cookies.get(_cookie(app), "")
        if "." in sent:
            return OurSession(_unsigned(_signer(app), sent), None)
        who = _who(sent) if sent else None
        if who is None:
            return OurSession({}, None)
        saying = _unsigned(_signer(app, sent), request.cookies.get(_said(app), ""))
        return OurSession(saying | {CSRF: _csrf_secret(app, sent)}, who, sent)

    def save_session(self, app, session, response) -> None:
        response.headers.add("Vary", "Cookie")
        if session.token:
            _send(app, response, session.token, LIFETIME)
        elif session.ended:
            response.delete_cookie(_cookie(app), path="/", secure=app.config["SESSION_COOKIE_SECURE"], httponly=True)
        elif session.modified and session.who is None:
            _send(app, response, _signer(app).dumps(dict(session)), None)
        if session.modified and (session.who or session.token):
            _send_saying(app, response, session)


def begin(account_id: int, agent: str = "") -> None:
    """Signs in: a new row, a new id; what the browser had before is worth nothing. Not committed."""
    token = secrets.token_urlsafe(32)
    at = now()
    row = Session(
        id=_hashed(token), account_id=account_id, workspace_id=_starting_workspace(account_id),
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


def _said(app) -> str:
    return f"{_cookie(app)}-said"


def _signer(app, token: str = "") -> URLSafeSerializer:
    """For a visitor, or for one session alone."""
    return URLSafeSerializer(app.secret_key, salt=f"formloom-session-{token}" if token else "formloom-visitor")


def _unsigned(signer: URLSafeSerializer, sent: str) -> dict[str, Any]:
    try:
        return dict(signer.loads(sent)) if sent else {}
    except (BadSignature, TypeError, ValueError):
        return {}


def _send(app, response, value: str, lifetime: timedelta | None) -> None:
    response.set_cookie(
        _cookie(app), value, max_age=lifetime, path="/", httponly=True, samesite="Lax",
        secure=app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip


def _send_saying(app, response, session: OurSession) -> None:
    """What was not said yet; more than a cookie holds is left out."""
    saying = {key: value for key, value in session.items() if key != CSRF}
    sealed = _signer(app, session.token or session.id).dumps(saying) if saying else ""
    kept = sealed if len(sealed) <= LONGEST else ""
    response.set_cookie(
        _said(app), kept, max_age=SAYING if kept else 0, path="/", httponly=True, samesite="Lax",
        secure=app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip
