"""Writes the next migration: python -m formloom.platform.migrations.write workspace "what changes".

Whoever changed a table runs it, reads what it wrote, and commits both.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa
from alembic import command

from .upgrade import alembic_config, head


def main(chain: str, message: str) -> None:
    number = f"{int(head(chain)) + 1:04}"
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        config = alembic_config(chain, connection)
        if number != "0001":
            command.upgrade(config, "head")
        written = command.revision(config, message, autogenerate=True, rev_id=number)
    file = Path(written.path)
    lines = [line for line in file.read_text().splitlines() if "# ###" not in line]
    file.write_text("\n".join(lines) + "\n")
    subprocess.run([sys.executable, "-m", "ruff", "format", file], check=True)
    subprocess.run([sys.executable, "-m", "ruff", "check", "--fix", "--select", "F401,I", file], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
