"""Publications, columns of a version, flows that records follow; form events and checkpoints."""

import hashlib

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

WORKED_OUT = ("formula", "lookup", "serial")
OF_RECORDS = {"status", "rev", "status_since", "seq", "head"}


def upgrade():
    op.create_table(
        "checkpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("last_event", sa.Integer(), nullable=False),
        sa.Column("last_form_event", sa.Integer(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("buckets", JSON, nullable=False),
        sa.Column("prev", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "form_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_key", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("before_id", sa.Integer(), nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("prev", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_event")),
        sa.UniqueConstraint("app_key", "form_key", "seq", name=op.f("uq_form_event_app_key_form_key_seq")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("document", JSON, nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("cursor", JSON, nullable=False),
        sa.Column("replacing", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("touched_at", sa.DateTime(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["app.id"], name=op.f("fk_publication_app_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_publication_app_id"), ["app_id"], unique=False)
    op.add_column("version", sa.Column("columns", JSON, nullable=True))
    op.add_column("version", sa.Column("flows", JSON, nullable=True))
    _tables_of_records()


def _tables_of_records():
    """Every form's table gets the column for the flow that a record follows."""
    connection = op.get_bind()
    inspector = sa.inspect(connection)
    for name in inspector.get_table_names():
        if {column["name"] for column in inspector.get_columns(name)} >= OF_RECORDS:
            op.add_column(name, sa.Column("flow_id", sa.Integer(), nullable=True))
    _say_who_writes(connection)


def _say_who_writes(connection):
    """A column's kind tells apart from now on what people enter and what is worked out."""
    version = sa.table("version", sa.column("id"), sa.column("document", JSON))
    app = sa.table("app", sa.column("live_version"))
    live = sa.select(version.c.document).join_from(version, app, app.c.live_version == version.c.id)
    held = sa.table("held_column", sa.column("table_name"), sa.column("column_name"), sa.column("kind"))
    for document in connection.scalars(live).all():
        for table, field in _fields(document):
            if field["type"] in WORKED_OUT:
                here = (held.c.table_name == table, held.c.column_name == f"f_{field['key']}")
                connection.execute(sa.update(held).where(*here).values(kind=held.c.kind + f" {field['type']}"))


def _fields(document):
    """(table, field) of every field and column."""
    for form in document["forms"]:
        for field in form.get("fields", ()):
            yield _table_name(document["key"], form["key"]), field
            for column in field.get("fields", ()):
                yield _table_name(document["key"], form["key"], field["key"]), column


def _table_name(*keys):
    name = "__".join(keys)
    return name if len(name) <= 63 else name[:54] + "_" + hashlib.sha256(name.encode()).hexdigest()[:8]
