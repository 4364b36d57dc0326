"""Who says yes for whom: handed on, asked beside, or while somebody is away."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade():
    op.add_column("vote", sa.Column("by_id", sa.Integer(), nullable=True))
    op.create_table(
        "mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_key", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("round_at", sa.DateTime(), nullable=False),
        sa.Column("transition", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        sqlite_autoincrement=True,
    )
    whose = ["app_key", "form_key", "record_id", "round_at", "transition", "part", "member_id"]
    op.create_index("uq_mandate", "mandate", whose, unique=True)
    op.create_index("ix_mandate_holder_id", "mandate", ["holder_id", "app_key"])
    op.create_index("ix_mandate_member_id", "mandate", ["member_id", "app_key"])
    op.create_table(
        "substitute",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_substitute_member_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["deputy_id"], ["member.id"], name=op.f("fk_substitute_deputy_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_substitute")),
    )
    op.create_index(op.f("ix_substitute_deputy_id"), "substitute", ["deputy_id"])
