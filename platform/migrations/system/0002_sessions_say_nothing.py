"""What the next page is to say is no longer kept with the session."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    with op.batch_alter_table("session") as session:
        session.drop_column("data")
