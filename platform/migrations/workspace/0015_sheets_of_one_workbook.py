"""Sheets of one workbook are known as such."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade():
    with op.batch_alter_table("sheet_import", schema=None) as batch_op:
        batch_op.add_column(sa.Column("book_id", sa.Integer(), nullable=True))
