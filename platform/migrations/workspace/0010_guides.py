"""guides."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade():
    op.create_table(
        "guide",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("app_key", sa.Text(), nullable=False),
        sa.Column("away", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_guide")),
    )
