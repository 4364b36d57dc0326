"""Runs migrations on a connection that the caller opened and commits (see upgrade.py)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context


def rendered(kind, thing, _autogenerate):
    """What alembic would write for one database only."""
    if kind == "type" and isinstance(thing, sa.JSON):
        return "JSON"
    if kind == "server_default" and isinstance(thing.arg, (sa.False_, sa.True_)):
        return f"sa.{thing.arg}()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,
    render_item=rendered,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
