"""What is indexed to be searched; the indexes themselves are made when the workspace is opened next."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade():
    op.create_table(
        "search_index",
        sa.Column("app_key", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("indexed", JSON, nullable=False),
        sa.PrimaryKeyConstraint("app_key", "form_key", name=op.f("pk_search_index")),
    )
