"""Who acts for whom while they are away: from a day to a day, and by itself no longer after that.

One step and no more: a substitute who is away too passes nothing on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from flask_babel import gettext as _

from ..db import metadata
from ..errors import Invalid, Problem
from ..ids import storable
from ..quick import Quick
from .members import member

LONGEST = 366  # days

substitute = sa.Table(
    "substitute",
    metadata,
    sa.Column("member_id", sa.ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("deputy_id", sa.ForeignKey("member.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("set_by", sa.Integer),
)

_deputy = member.alias("deputy")
_day = sa.bindparam("day", type_=sa.Date)
ON_DAY = Quick(
    sa.select(substitute.c.member_id, substitute.c.deputy_id)
    .join(member, member.c.id == substitute.c.member_id)
    .join(_deputy, _deputy.c.id == substitute.c.deputy_id)
    .where(substitute.c.first_day <= _day, substitute.c.last_day >= _day, member.c.active, _deputy.c.active)
    .order_by(substitute.c.member_id)
)


def deputies(connection: sa.Connection, day: date) -> Mapping[int, int]:
    """Who is away on a day -> who acts for them."""
    return {row.member_id: row.deputy_id for row in ON_DAY.all(connection, day=day)}


def absence(connection: sa.Connection, member_id: int) -> sa.Row | None:
    """When a member is away, and who acts for them; None where nothing is set."""
    found = sa.select(substitute, _deputy.c.name).join(_deputy, _deputy.c.id == substitute.c.deputy_id)
    return connection.execute(found.where(substitute.c.member_id == member_id)).first()


def absent_for(connection: sa.Connection, deputy_id: int, day: date) -> list[sa.Row]:
    """For whom a member acts, on a day and later: name, first_day and last_day."""
    found = sa.select(member.c.name, substitute.c.first_day, substitute.c.last_day).join(member, member.c.id == substitute.c.member_id)
    here = (substitute.c.deputy_id == deputy_id, substitute.c.last_day >= day, member.c.active)
    return list(connection.execute(found.where(*here).order_by(substitute.c.first_day, member.c.name)))


def go_away(connection: sa.Connection, member_id: int, deputy_id: int, first: date, last: date, set_by: int, day: date) -> None:
    """Set who acts for a member from a day to a day, in place of what was set; raises Invalid. `day`: today."""
    active = sa.select(member.c.id).where(member.c.id == deputy_id, member.c.active)
    if not storable(deputy_id) or connection.scalar(active) is None:
        raise Invalid([Problem("deputy", _("Choose somebody who is here."))])
    if deputy_id == member_id:
        raise Invalid([Problem("deputy", _("Nobody acts for themselves; choose somebody else."))])
    if last < first:
        raise Invalid([Problem("last", _("This is before the first day."))])
    if last < day:
        raise Invalid([Problem("last", _("This day is over."))])
    if (last - first).days > LONGEST:
        raise Invalid([Problem("last", _("At most %(days)s days.", days=LONGEST))])
    come_back(connection, member_id)
    row = {"member_id": member_id, "deputy_id": deputy_id, "first_day": first, "last_day": last, "set_by": set_by}
    connection.execute(sa.insert(substitute).values(row))


def come_back(connection: sa.Connection, member_id: int) -> None:
    """Nobody acts for a member any more."""
    connection.execute(sa.delete(substitute).where(substitute.c.member_id == member_id))
