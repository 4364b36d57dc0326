"""Fixtures: databases of both kinds, the order app with its people, the app over HTTP, a browser."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from board_app import Boards, build_boards
from databases import SLUG, Databases, build_empty
from formloom.platform import db
from formloom.platform.app import close_app, create_app
from house import House, build_house, build_shop
from once_for_all import do_once
from order_app import build_orders
from people import People
from playwright.sync_api import expect
from postgresql_server import PostgresqlServer
from rule_browser import RuleBrowser
from things import Things, build_things
from web import Live, WebClient, served

DATABASES = ("sqlite", "postgresql")
FOLDER = "FORMLOOM_TESTS_FOLDER"  # shared by all processes of one run
PREFIX = "formloom-tests-"
PATIENCE = 30_000  # milliseconds that what a browser is to show may take: a busy machine is slow
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30


def pytest_configure(config):
    config.addinivalue_line("markers", "databases(*names): the databases to run on, where not the usual ones")
    config.addinivalue_line("markers", "long: has a long form, run by `make soak`")
    if FOLDER not in os.environ:
        _clear_what_dead_runs_left()
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_quick_place()))
        folder.chmod(0o755)
        (folder / "pid").write_text(str(os.getpid()))
        os.environ[FOLDER] = str(folder)
        config.option.basetemp = config.option.basetemp or folder / "tests"
        config.add_cleanup(lambda: _clear(folder))
    expect.set_options(timeout=PATIENCE)
    do_once(Path(os.environ[FOLDER]) / "templates")


def _quick_place() -> str:
    """Memory, where there is enough of it: most of what tests wait for are commits that reach a disk."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return str(MEMORY) if roomy else tempfile.gettempdir()


def _clear_what_dead_runs_left() -> None:
    """A run that was killed could not stop its servers."""
    left = [pid for place in (MEMORY, Path(tempfile.gettempdir())) for pid in place.glob(f"{PREFIX}*/pid")]
    for owner in left:
        try:
            os.kill(int(owner.read_text()), 0)
        except ProcessLookupError:
            _clear(owner.parent)
        except (OSError, ValueError):
            continue  # somebody else's, or gone this moment


def _clear(folder: Path) -> None:
    for server in _servers(folder):
        server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _servers(folder: Path) -> tuple[PostgresqlServer, PostgresqlServer]:
    return PostgresqlServer(folder / "quick"), PostgresqlServer(folder / "durable", durable=True)


def pytest_generate_tests(metafunc):
    """What touches a database runs on both; what goes through pages on one."""
    if "database" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("databases")
    through_pages = {"app", "client", "live", "house", "shop", "things", "boards"} & set(metafunc.fixturenames)
    names = marker.args if marker else DATABASES[:1] if through_pages else DATABASES
    metafunc.parametrize("database", names, scope="session")


@pytest.fixture(scope="session")
def databases() -> Databases:
    folder = Path(os.environ[FOLDER])
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw")
    return Databases(folder / worker, _servers(folder)[0])


@pytest.fixture(scope="session")
def durable_databases() -> Databases:
    """Databases whose commits reach the disk, for what tries to lose them."""
    folder = Path(os.environ[FOLDER])
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw")
    return Databases(folder / worker, _servers(folder)[1])


@pytest.fixture
def config(database, databases, tmp_path):
    """Settings with a fresh database: one workspace, our own tables, nothing in them."""
    made = databases.fresh(database, "empty", build_empty, tmp_path / "instance")
    yield made
    databases.drop(made)


@pytest.fixture
def workspace(config):
    workspaces = db.Workspaces(config)
    yield workspaces[SLUG]
    workspaces.dispose()


@pytest.fixture
def order_config(database, databases, tmp_path):
    """Settings with a fresh database that holds the order app and a person with an account for each role."""
    made = databases.fresh(database, "orders", build_orders, tmp_path / "orders")
    yield made
    databases.drop(made)


@pytest.fixture
def orders(order_config):
    """The people of the order app: `orders.sales.creates("order", ...)`, `orders.manager.approves(order)`."""
    workspaces = db.Workspaces(order_config)
    yield People(workspaces[SLUG], "orders")
    workspaces.dispose()


@pytest.fixture
def house(database, databases, tmp_path):
    """A workspace without apps, its administrator Ada and its member Ben: `house.browser(house.ada)`."""
    made = databases.fresh(database, "house", build_house, tmp_path / "house")
    opened = House(made)
    yield opened
    opened.close()
    databases.drop(made)


@pytest.fixture
def shop(database, databases, tmp_path):
    """That workspace after Ada started the order app from its template."""
    made = databases.fresh(database, "shop", build_shop, tmp_path / "shop")
    opened = House(made)
    yield opened
    opened.close()
    databases.drop(made)


@pytest.fixture
def things_config(database, databases, tmp_path):
    """Settings with a fresh database that holds the app with every type of field, and its people."""
    made = databases.fresh(database, "things", build_things, tmp_path / "things")
    yield made
    databases.drop(made)


@pytest.fixture
def things(things_config):
    """That app over HTTP: `things.ben`, `things.cleo` and `things.gil` are browsers."""
    opened = Things(things_config)
    yield opened
    opened.house.close()


@pytest.fixture
def boards(database, databases, tmp_path):
    """The app of boards and calendars with its people, and over HTTP."""
    made = databases.fresh(database, "boards", build_boards, tmp_path / "boards")
    opened = Boards(made)
    yield opened
    opened.close()
    databases.drop(made)


@pytest.fixture
def app(order_config):
    made = create_app(order_config)
    yield made
    close_app(made)


@pytest.fixture
def client(app):
    """The app over HTTP: `client.sign_in(orders.sales)`, `client.get(path)`, `client.post(path, data)`."""
    return WebClient(app)


@pytest.fixture
def live(app, browser):
    """The app behind a real address with its worker: `live.visit(orders.sales, "/inbox")` is a browser page."""
    with served(app) as url:
        opened = Live(app, url, browser)
        yield opened
        opened.close()


def chromium() -> str:
    """The system's browser."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise RuntimeError("Chromium is missing: install it (`make test` does where it may)")


@pytest.fixture(scope="session")
def browser_type_launch_args():
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {"executable_path": chromium(), "args": quiet}


@pytest.fixture(scope="session")
def rule_browser(browser):
    """`rule_browser.answers(cases)`: what `static/rules.js` answers in a real browser."""
    page = browser.new_context().new_page()
    yield RuleBrowser(page)
    page.context.close()
