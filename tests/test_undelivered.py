"""What could not be delivered: seen with its reason and tried again, by administrators and by the operator."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from formloom.platform.cli import main
from formloom.platform.jobs import deliveries
from formloom.platform.jobs.claims import dead_letters
from formloom.platform.jobs.worker import drain
from formloom.platform.workflow.outbox import DEAD, DELIVERED, outbox, put


def give_up(workspace, *keys: str) -> dict[str, int]:
    """Errands that were given up, since whoever should take them did not answer: their numbers."""
    with workspace.writing() as connection:
        for key in keys:
            put(connection, "mended", key, {})
        given_up = {"state": DEAD, "attempts": 10, "error": "ConnectionError: nobody answers"}
        connection.execute(sa.update(outbox).where(outbox.c.kind == "mended").values(given_up))
    with workspace.reading() as connection:
        return {row.key: row.id for row in dead_letters(connection)}


@pytest.fixture
def letters(house, monkeypatch):
    monkeypatch.setitem(deliveries.OUTSIDE, "mended", lambda workspace, errand: None)
    return give_up(house.workspace, "first", "second")


def states(house) -> dict[str, str]:
    drain(house.workspace)
    with house.workspace.reading() as connection:
        return {row.key: row.state for row in connection.execute(sa.select(outbox))}


def test_an_administrator_sees_the_reason_and_lets_it_be_tried_again(house, letters):
    ada, ben = house.browser(house.ada), house.browser(house.ben)
    assert "nobody answers" in ada.get("/undelivered").get_data(as_text=True)
    assert ben.get("/undelivered").status_code == ben.post(f"/undelivered/{letters['first']}/again").status_code == 404
    assert ada.post(f"/undelivered/{letters['first']}/again").status_code == 303
    assert states(house) == {"first": DELIVERED, "second": DEAD}
    assert ada.post(f"/undelivered/{letters['first']}/again").status_code == 404
    ada.post(f"/undelivered/{letters['second']}/again")
    assert states(house)["second"] == DELIVERED
    assert "Everything was delivered" in ada.get("/undelivered").get_data(as_text=True)


def test_the_operator_does_the_same(house, letters):
    def types(*words: str) -> str:
        settings = {"FORMLOOM_INSTANCE": str(house.config.instance), "DATABASE_URL": house.config.database_url}
        done = CliRunner().invoke(main, words, env=settings | {"FORMLOOM_SECRET": house.config.secret})
        assert done.exit_code == 0, done.output
        return done.output

    listed = types("outbox", "demo")
    assert all(f"{number}  mended" in listed for number in letters.values()) and "nobody answers" in listed
    assert types("outbox", "demo", str(letters["first"]), "999").splitlines() == [
        f"{letters['first']} is tried again", "999 is not among what could not be delivered",
    ]  # fmt: skip
    assert types("outbox", "demo", "--all") == f"{letters['second']} is tried again\n"
    assert states(house) == dict.fromkeys(letters, DELIVERED)
    assert types("outbox", "demo") == "everything was delivered\n"


def test_its_page_is_accessible(live, orders):
    give_up(orders.workspace, "first")
    for width in (1440, 390):
        page = live.visit(orders.admin, "/undelivered", viewport={"width": width, "height": 844})
        assert page.get_by_role("button", name="Try again").count() == 1
        assert [v["id"] for v in Axe().run(page).response["violations"]] == []
