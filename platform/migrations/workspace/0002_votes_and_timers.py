"""Votes of approvals, timers, and what purging old rows looks things up by."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
OPEN = sa.text("state = 'open'")
WAITING = sa.text("state = 'waiting'")
DELIVERED = sa.text("state = 'delivered'")
READ = sa.text("read_at IS NOT NULL")


def partly(condition: sa.TextClause) -> dict:
    return {"sqlite_where": condition, "postgresql_where": condition}


def upgrade():
    op.create_table(
        "vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_key", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("round_at", sa.DateTime(), nullable=False),
        sa.Column("transition", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("stands_in", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.create_index(
            "uq_vote_open",
            ["app_key", "form_key", "record_id", "round_at", "transition", "part", "member_id"],
            unique=True,
            **partly(OPEN),
        )

    op.create_table(
        "timer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_key", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("basis", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("handings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint(
            "app_key", "form_key", "record_id", "what", name=op.f("uq_timer_app_key_form_key_record_id_what")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.create_index("ix_timer_due", ["due_at", "id"], unique=False, **partly(WAITING))

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_delivered", ["finished_at"], unique=False, **partly(DELIVERED))
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_read_at", ["read_at"], unique=False, **partly(READ))
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_at"), ["at"], unique=False)
