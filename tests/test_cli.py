"""The `formloom` command, as an operator types it."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from formloom.platform.access.workspaces import add_row
from formloom.platform.app import close_app, create_app
from formloom.platform.cli import main
from formloom.platform.config import from_environment
from formloom.platform.db import system
from formloom.platform.demo import set_up
from formloom.platform.workflow import publication
from house import ADA
from people import PASSWORD
from web import WebClient

PEOPLE = "SELECT name, email, language, admin, active FROM member ORDER BY id"


class Shell:
    """A terminal in an installation of its own."""

    def __init__(self, config):
        self.apps = []
        self.environment = {
            "FORMLOOM_INSTANCE": str(config.instance), "DATABASE_URL": config.database_url,
            "FORMLOOM_SECRET": config.secret,
        }  # fmt: skip

    def run(self, *words: str, fails: bool = False) -> str:
        done = CliRunner().invoke(main, words, env=self.environment)
        assert done.exit_code == int(fails), done.output
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.output

    def browser(self) -> WebClient:
        self.apps.append(create_app(from_environment(self.environment)))
        return WebClient(self.apps[-1])

    def close(self) -> None:
        for app in self.apps:
            close_app(app)


@pytest.fixture
def shell(database, databases, tmp_path):
    config = databases.fresh(database, "nothing", lambda config: None, tmp_path / "instance")
    opened = Shell(config)
    yield opened
    opened.close()
    databases.drop(config)


def test_an_operator_makes_a_workspace_and_its_first_person(shell):
    shell.run("workspace", "add", "acme", "Acme Ltd")
    shell.run("user", "add", "acme", "Ann@Acme.example", "--name", "Ann", "--admin", "--password", PASSWORD)
    link = re.search(r"http://127\.0\.0\.1:8000(/invitations/\S+)", shell.run("user", "invite", "acme", "ann@acme.example"))
    assert shell.run("check") == "all is well\n"
    ann = shell.browser()
    ann.get("/sign-in")
    assert ann.post("/sign-in", {"email": "ann@acme.example", "password": PASSWORD}).status_code == 303
    assert "Acme Ltd" in ann.get("/members").get_data(as_text=True)
    assert "choose the password" in shell.browser().get(link[1]).get_data(as_text=True)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(("words", "said"), [
    (("check", "nowhere"), "There is no workspace named nowhere."),
    (("workspace", "add", "Not a slug", "X"), "Small letters, digits and hyphens only"),
    (("user", "invite", "nowhere", "a@b.c"), "There is no workspace named nowhere."),
    (("backup", "nowhere", "file"), "There is nothing here"),
    (("export", "nowhere", "orders"), "There is no workspace named nowhere."),
    (("restore", "/no/such/file", "x"), "There is nothing here"),
])  # fmt: skip
def test_a_mistake_is_a_sentence(shell, words, said):
    assert said in shell.run(*words, fails=True)


@pytest.mark.databases("sqlite")
def test_a_mistaken_name_makes_no_database(shell):
    shell.run("check", "nowhere", fails=True)
    assert list(Path(shell.environment["FORMLOOM_INSTANCE"]).glob("workspaces/*")) == []


@pytest.mark.databases("sqlite")
def test_a_backup_taken_while_somebody_writes_comes_back_whole(house, tmp_path):
    shell, file = Shell(house.config), tmp_path / "demo.backup"
    with house.workspace.writing() as connection:
        connection.exec_driver_sql("INSERT INTO department (name) VALUES ('not committed yet')")
        shell.run("backup", "demo", str(file))
    shell.run("restore", str(file), "again", "--name", "Demo again")
    workspaces = house.config.instance / "workspaces"
    before, after = (_rows(workspaces / f"{slug}.sqlite", PEOPLE) for slug in ("demo", "again"))
    assert before == after != []
    assert _rows(workspaces / "again.sqlite", "SELECT name FROM department") == []
    ada = house.browser(ADA)
    assert ada.post("/workspaces/again/choice").status_code == 303
    assert "Demo again" in ada.get("/members").get_data(as_text=True)
    assert "already" in shell.run("restore", str(file), "again", fails=True)


@pytest.mark.databases("sqlite")
def test_people_of_a_restored_workspace_are_found_by_their_address_elsewhere(house, shell, tmp_path):
    file = tmp_path / "demo.backup"
    Shell(house.config).run("backup", "demo", str(file))
    shell.run("workspace", "add", "first", "First")
    shell.run("user", "add", "first", "zoe@example.com", "--name", "Zoe", "--password", PASSWORD)
    shell.run("restore", str(file), "demo")
    zoe = shell.browser()
    zoe.get("/sign-in")
    zoe.post("/sign-in", {"email": "zoe@example.com", "password": PASSWORD})
    assert "demo" not in zoe.get("/workspaces").get_data(as_text=True)
    link = shell.run("user", "invite", "demo", ADA.email).strip().partition(":8000")[2]
    ada = WebClient(zoe.app)
    ada.get(link)
    assert ada.post(link, {"password": PASSWORD}).status_code == 303
    assert "Ben" in ada.get("/members").get_data(as_text=True)


@pytest.mark.databases("postgresql")
def test_on_postgresql_a_backup_is_left_to_its_own_tool(shell):
    shell.run("workspace", "add", "acme", "Acme")
    assert "pg_dump --schema=ws_acme" in shell.run("backup", "acme", "/tmp/never", fails=True)


@pytest.mark.databases("sqlite")
def test_an_app_is_exported_as_one_file_and_its_records_as_sheets(orders, order_config, tmp_path):
    shell, file = Shell(order_config), tmp_path / "products.csv"
    document = json.loads(shell.run("export", "demo", "orders"))
    assert document["key"] == "orders"
    assert document["forms"]
    orders.purchasing.creates("product", name="Birch stool", cost="31.50", list_price="59.00", tax="0.19")
    assert "31.5" in shell.run("export", "demo", "orders", "product")
    shell.run("export", "demo", "orders", "product", "--as", orders.sales.email, "--to", str(file))
    assert "Birch stool" in (written := file.read_text("utf-8-sig")) and "31.5" not in written
    view = document["forms"][0]["views"][0]["key"]
    assert shell.run("export", "demo", "orders", document["forms"][0]["key"], "--view", view).count("\n") == 1
    for words in (("nothing",), ("product", "--view", "nowhere"), ("product", "--as", "nobody@example.com")):
        assert "There is n" in shell.run("export", "demo", "orders", *words, fails=True)


def test_the_demo_is_made_once_and_kept(shell):
    browser = shell.browser()
    first, second = set_up(browser.app), set_up(browser.app)
    assert first == second
    assert ("mara@example.com", "Sales manager") in [(one.email, one.roles) for one in first]
    assert shell.run("check") == "all is well\n"
    browser.get("/sign-in")
    for one in first:
        assert browser.post("/sign-in", {"email": one.email, "password": one.password}).status_code == 303
        browser.get("/profile")


def test_the_command_is_installed(tmp_path):
    command = [Path(sys.executable).with_name("formloom"), "--version"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert "version" in done.stdout


def _rows(file: Path, sql: str) -> list:
    connection = sqlite3.connect(file)
    rows = connection.execute(sql).fetchall()
    connection.close()
    return rows


@pytest.mark.databases("sqlite")
def test_an_operator_publishes_and_goes_on_with_what_stopped(workspace, config, monkeypatch):
    from visits import Visits

    visits, shell = Visits(workspace), Shell(config)
    visits.publishes()
    with create_app(from_environment(shell.environment)).app_context() as context:
        add_row("demo", "Demo")
        system.session.commit()
        close_app(context.app)
    assert shell.run("publish", "demo", "visits") == "version 1 runs\n"
    assert shell.run("publish", "demo", "visits", "--access") == "version 1 runs\n"
    for act in ("--resume", "--drop"):
        assert "No publish of this app has stopped halfway." in shell.run("publish", "demo", "visits", act, fails=True)
    for act, said in (("--drop", "the live version stays\n"), ("--resume", "version 2 runs\n")):
        with monkeypatch.context() as patched:
            patched.setattr(publication, "_flip", _dies)
            with pytest.raises(OSError, match="the power went"):
                visits.publishes(visits.without_field("day"))
        assert shell.run("publish", "demo", "visits", act) == said


def _dies(*_things) -> int:
    raise OSError("the power went")


@pytest.mark.databases("sqlite")
def test_an_operator_holds_on_to_histories_erases_and_purges(workspace, config):
    from visits import Visits

    visits, shell = Visits(workspace), Shell(config)
    visits.publishes()
    visit = visits.create(about="a secret", day="2026-11-24")
    with create_app(from_environment(shell.environment)).app_context() as context:
        add_row("demo", "Demo")
        system.session.commit()
        close_app(context.app)
    assert "demo: 1 records at" in shell.run("checkpoint")
    shell.run("erase", "demo", "visits", "visit", str(visit.id), "about", "--yes")
    assert visits.record(visit).values["about"] is None
    assert "nobody enters it here" in shell.run("erase", "demo", "visits", "visit", "1", "total", "--yes", fails=True)
    assert shell.run("purge", "demo", "visits") == "nothing is left behind\n"
    visits.publishes(visits.without_field("day"))
    assert "visit.day: column f_day, 1 values\n" in shell.run("purge", "demo", "visits", "--yes")
    assert "f_day" not in visits.columns("visits__visit")
    assert shell.run("check") == "all is well\n"
