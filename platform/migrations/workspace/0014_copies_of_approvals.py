"""Who gets a copy of the outcome of an approval."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade():
    op.create_table(
        "copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_key", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("round_at", sa.DateTime(), nullable=False),
        sa.Column("transition", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_copy_record", "copy", ["app_key", "form_key", "record_id"])
