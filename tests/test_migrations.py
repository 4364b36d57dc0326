"""Our own tables: what the migrations build is what the code declares, on both databases."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from formloom.platform import db
from formloom.platform.migrations.upgrade import (
    TABLES,
    bring_up,
    create_tables,
    current,
    head,
    run_migrations,
    tables_of,
)

CHAINS = ("system", "workspace")
PLATFORM = Path(db.__file__).parent


@pytest.fixture
def engines(database, databases, tmp_path):
    """Makes an engine of an empty database."""
    config = databases.fresh(database, "nothing", lambda config: None, tmp_path / "instance")
    made = []

    def make(name: str) -> sa.Engine:
        if database == "sqlite":
            engine = db.sqlite_engine(tmp_path / f"{name}.sqlite", write=True)
        else:
            engine = db.postgresql_engine(config.database_url, name)
            with engine.begin() as connection:
                connection.execute(sa.schema.CreateSchema(name))
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.dispose()
    databases.drop(config)


@pytest.mark.parametrize("chain", CHAINS)
def test_every_old_release_upgrades_to_what_a_new_database_has(engines, chain):
    old, new = engines("old"), engines("new")
    with old.begin() as connection:
        run_migrations(connection, chain)
    with new.begin() as connection:
        create_tables(connection, chain)
    with old.connect() as before, new.connect() as after:
        assert _described(before) == _described(after)
        assert current(before) == current(after) == head(chain)


@pytest.mark.parametrize("chain", CHAINS)
def test_nothing_is_declared_that_no_migration_builds(engines, chain):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    engine = engines("built")
    with engine.begin() as connection:
        run_migrations(connection, chain)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables_of(chain)) == []


def test_several_that_start_at_once_make_the_tables_once(config):
    workspaces = db.Workspaces(config)
    database = workspaces["another"]
    if config.postgresql:
        with database.writing() as connection:
            connection.execute(sa.schema.CreateSchema(db.schema_of("another")))
    problems = []

    def start():
        try:
            bring_up(database, "workspace")
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with database.reading() as connection:
        assert current(connection) == head("workspace")
    workspaces.dispose()


def test_a_start_without_anything_to_upgrade_does_not_load_alembic(tmp_path):
    script = (
        "import sys; from pathlib import Path\n"
        "from formloom.platform.app import create_app, close_app\n"
        "from formloom.platform.config import Config\n"
        f"app = create_app(Config(instance=Path({str(tmp_path)!r}), secret='x' * 32))\n"
        "close_app(app); sys.exit('alembic' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=tmp_path).returncode == 0


def test_every_module_that_declares_tables_is_known():
    """A table of ours is `sa.Table("name", metadata, ...)`; those of users are made elsewhere, by version."""
    found = set()
    for file in PLATFORM.rglob("*.py"):
        if any(_declares(node) for node in ast.parse(file.read_text()).body):
            found.add(".".join(file.relative_to(PLATFORM).with_suffix("").parts))
    assert found == {module for chain in CHAINS for module in TABLES[chain]}


def test_each_migration_follows_the_one_before():
    for chain in CHAINS:
        numbers = sorted(file.name[:4] for file in (PLATFORM / "migrations" / chain).glob("0*.py"))
        assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def _declares(node: ast.AST) -> bool:
    """Whether a statement of a module makes a table of ours, or a model of the system database."""
    if isinstance(node, ast.ClassDef):
        return any(ast.unparse(base) == "db.system.Model" for base in node.bases)
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
        return False
    arguments = node.value.args
    return (
        ast.unparse(node.value.func).endswith("Table")
        and len(arguments) > 1
        and ast.unparse(arguments[1]).endswith("metadata")
    )


def _described(connection: sa.Connection) -> dict:
    """Every table: columns, keys and indexes, as the database itself tells them."""
    inspector = sa.inspect(connection)
    return {name: _table(inspector, name) for name in inspector.get_table_names()}


def _table(inspector: sa.Inspector, name: str) -> dict:
    return {
        "columns": {c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(name)},
        "primary": inspector.get_pk_constraint(name),
        "indexes": _plain(inspector.get_indexes(name)),
        "unique": _plain(inspector.get_unique_constraints(name)),
        "foreign": _plain(inspector.get_foreign_keys(name)),
        "checks": _plain(inspector.get_check_constraints(name)),
    }


def _plain(found: list[dict]) -> list[str]:
    """In one order, with the conditions of partial indexes as text."""
    return sorted(json.dumps(one, default=str, sort_keys=True) for one in found)


def test_records_of_an_old_release_are_ready_to_follow_flows(engines):
    """A form's table as 0.1.0 made it, and what it said of its columns."""
    from formloom.platform.migrations.upgrade import alembic_config

    engine = engines("old")
    with engine.begin() as connection:
        from alembic import command

        command.upgrade(alembic_config("workspace", connection), "0001")
        connection.execute(sa.text(
            "CREATE TABLE shop__sale (id INTEGER PRIMARY KEY, status TEXT, rev INTEGER, status_since TIMESTAMP,"
            " seq INTEGER, head TEXT, f_total INTEGER)"
        ))  # fmt: skip
        form = {"key": "sale", "fields": [{"key": "total", "type": "formula"}, {"key": "note", "type": "text"}]}
        document = json.dumps({"key": "shop", "forms": [form]}).replace(":", "\\:")
        at = "'2026-11-24 00\\:00\\:00'"
        connection.execute(sa.text(f"INSERT INTO app VALUES (1, 'shop', 5, 1, NULL, {at}, NULL)"))
        connection.execute(sa.text(
            "INSERT INTO version (id, app_id, number, document, checksum, note, at)"
            f" VALUES (5, 1, 1, '{document}', '', '', {at})"
        ))  # fmt: skip
        for name in ("total", "note"):
            connection.execute(sa.text(f"INSERT INTO held_column VALUES ('shop__sale', 'f_{name}', 'number')"))
        run_migrations(connection, "workspace")
        columns = {column["name"] for column in sa.inspect(connection).get_columns("shop__sale")}
        assert "flow_id" in columns
        kinds = connection.execute(sa.text("SELECT column_name, kind FROM held_column")).all()
        assert dict(kinds) == {"f_total": "number formula", "f_note": "number"}
