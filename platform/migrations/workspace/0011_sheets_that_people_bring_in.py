"""sheets that people bring in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade():
    op.create_table(
        "sheet_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_key", sa.String(length=20), nullable=False),
        sa.Column("form_key", sa.String(length=20), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("heads", JSON, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("broken", JSON, nullable=False),
        sa.Column("meaning", JSON, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_import")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("sheet_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_import_at"), ["at"], unique=False)

    op.create_table(
        "sheet_chunk",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.Column("told", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["sheet_import.id"], name=op.f("fk_sheet_chunk_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_sheet_chunk")),
    )
