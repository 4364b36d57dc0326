"""Apps as files and copies, by the operator's command."""

from __future__ import annotations

import json

from click.testing import CliRunner
from databases import SLUG
from formloom.platform import db
from formloom.platform.access.actor import SYSTEM
from formloom.platform.cli import main
from formloom.platform.workflow.commands import Commands


def run(config, *words: str) -> str:
    environment = {
        "FORMLOOM_INSTANCE": str(config.instance), "DATABASE_URL": config.database_url, "FORMLOOM_SECRET": config.secret,
    }  # fmt: skip
    done = CliRunner().invoke(main, words, env=environment)
    assert done.exit_code == 0, done.output
    return done.output


def test_an_app_goes_into_a_file_and_comes_back_as_the_same_app(order_config, tmp_path):
    run(order_config, "export", SLUG, "orders", "--to", str(tmp_path / "orders.json"))
    run(order_config, "import-app", SLUG, str(tmp_path / "orders.json"), "--key", "again")
    back = json.loads(run(order_config, "export", SLUG, "again"))
    assert back == json.loads((tmp_path / "orders.json").read_text()) | {"key": "again"}


def test_a_clone_takes_records_of_its_own_at_once(order_config):
    assert run(order_config, "clone", SLUG, "orders", "second") == "second is running\n"
    workspaces = db.Workspaces(order_config)
    first, second = (Commands(workspaces[SLUG], SYSTEM, key) for key in ("orders", "second"))
    assert second.create("customer", {"name": "Ernst Handel"}).id == 1
    assert first.create("customer", {"name": "Hungry Owl"}).id == 1
    workspaces.dispose()
