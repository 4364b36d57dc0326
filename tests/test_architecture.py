"""The shape of the house: directions, doors, packaging, sizes."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from formloom.platform.access.policy import NoPolicy, check_routes

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
SHIPPED = ("platform", "builder", "runtime", "static", "templates", "seeds")
CODE = ("platform", "builder", "runtime")
MIGRATION = re.compile(r"\d{4}_\w+\.py")
LONGEST_MODULE, LONGEST_FUNCTION, LONG_FUNCTION = 300, 60, 25

LAYERS = ({"rules", "operators"}, {"definition", "fields"}, {"access"}, {"records"}, {"workflow", "actions"}, {"jobs"})
"""The platform from the bottom up. A module of no folder stands as high as the highest that it imports."""


def files(*folders: str, ending: str = "py") -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob(f"*.{ending}"))]
    assert found, f"no .{ending} files in {folders}"
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """What a module of ours imports of ours, as "platform.records.query"."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("formloom.") for alias in node.names if "formloom." in alias.name)
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").split(".") if node.module else []
            if node.level:
                module = [*package[: len(package) + 1 - node.level], *module]
            elif module[:1] == ["formloom"]:
                module = module[1:]
            else:
                continue
            yield from (".".join([*module, alias.name]) for alias in node.names)


@cache
def layer(dotted: str) -> int:
    part = dotted.split(".")[1]
    alone = ROOT / "platform" / f"{part}.py"
    if alone.exists():
        return max((layer(other) for other in imports(alone)), default=0)
    return next((height for height, names in enumerate(LAYERS, 1) if part in names), 0)


def test_builder_and_runtime_stand_on_the_platform_and_never_on_each_other():
    for path in files(*CODE):
        here = path.relative_to(ROOT).parts[0]
        reached = {dotted.split(".")[0] for dotted in imports(path)}
        assert reached <= {here, "platform"}, f"{name(path)} imports {reached}"


def test_inside_the_platform_imports_go_down():
    for path in files("platform"):
        dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for other in imports(path):
            assert layer(other) <= layer(dotted), f"{name(path)} imports {other}, which stands above it"


def test_only_the_commands_write_records():
    for path in files(*CODE):
        if path.parent.name == "workflow" or path == ROOT / "platform/records/write.py":
            continue
        reached = [dotted for dotted in imports(path) if dotted.startswith("platform.records.write")]
        assert not reached, f"{name(path)} reaches past the commands"


def test_users_tables_are_named_in_records_alone():
    """Elsewhere nobody holds a table of a form, so nobody can select from one."""
    for path in files(*CODE):
        if path.is_relative_to(ROOT / "platform/records"):
            continue
        assert not any(dotted.startswith("platform.records.tables") for dotted in imports(path)), name(path)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _called(node) in {"select", "insert", "update", "delete", "text"}:
                spoken = ast.unparse(node)
                assert not re.search(r"\.(table|rows\[[^]]+\])(\.c\b|\)|,)", spoken), f"{name(path)}: {spoken}"
                assert _called(node) != "text" or _literal(node), f"{name(path)} builds SQL from parts: {spoken}"


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _literal(node: ast.Call) -> bool:
    """Whether SQL text is written out, or made of our own constants."""
    if not isinstance(node.func, ast.Attribute) or getattr(node.func.value, "id", "") not in {"sa", "sqlalchemy"}:
        return True
    return all(isinstance(part, ast.Constant | ast.JoinedStr) for part in node.args) and not any(
        isinstance(inside, ast.Call) for part in node.args for inside in ast.walk(part)
    )


def test_a_route_without_a_policy_stops_the_start():
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "")
    with pytest.raises(NoPolicy):
        check_routes(app)


@pytest.mark.databases("sqlite")
def test_every_blueprint_is_served_and_every_route_has_a_policy(config):
    from formloom.platform.app import BLUEPRINTS, close_app, create_app

    app = create_app(config)
    close_app(app)
    assert {view.policy for view in app.view_functions.values()} <= {"anyone", "signed_in", "member", "admin", "link"}
    defined = {
        f"{path.parent.name}.{path.stem}"
        for path in files("runtime", "builder")
        if re.search(r"^blueprint = ", path.read_text(), re.MULTILINE)
    }
    assert defined == set(BLUEPRINTS)


def test_no_package_is_regular():
    """An `__init__.py` in `platform/` would stand before Python's own module of that name."""
    assert not [name(path) for folder in (*SHIPPED, "tests") for path in (ROOT / folder).rglob("__init__.py")]


def test_the_standard_platform_stays_itself():
    asked = "import platform; print(platform.python_version())"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == ".".join(map(str, sys.version_info[:3]))


def shipped_files() -> set[str]:
    """What git keeps in the shipped folders; neither what it ignores nor what only holds a place."""
    kept = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *SHIPPED],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {line for line in kept.stdout.splitlines() if (ROOT / line).is_file() and "/." not in line}


def test_the_wheel_holds_every_shipped_file(tmp_path):
    source = tmp_path / "source"
    for folder in SHIPPED:
        (source / folder).mkdir(parents=True)
    for line in shipped_files() | {"pyproject.toml", "README.md", "LICENSE"}:
        copy = source / line
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / line).read_bytes())
    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(tmp_path)!r})"
    done = subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    held = {line.removeprefix("formloom/") for line in zipfile.ZipFile(wheel).namelist()}
    missing = shipped_files() - held
    assert not missing


def test_every_shipped_folder_is_a_package():
    packages = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    folders = {Path(line).parent.as_posix().replace("/", ".") for line in shipped_files()}
    assert not {f"formloom.{folder}" for folder in folders} - packages


def functions() -> Iterator[tuple[str, int]]:
    for path in files(*CODE):
        if MIGRATION.match(path.name):  # as alembic wrote it
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield f"{name(path)}: {node.name}", node.end_lineno - node.lineno + 1


def test_functions_and_modules_are_short():
    lengths = sorted(length for _, length in functions())
    assert lengths[len(lengths) * 9 // 10] < LONG_FUNCTION
    assert not [(which, length) for which, length in functions() if length > LONGEST_FUNCTION]
    modules = [*files(*CODE, "tests"), *(path for path in files("static", ending="js") if "vendor" not in path.parts)]
    counted = {name(path): len(path.read_text().splitlines()) for path in modules}
    assert not {which: lines for which, lines in counted.items() if lines > LONGEST_MODULE}


INLINE = re.compile(
    r"""<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*["'{]|\shx-on|javascript:|<script\b(?![^>]*\ssrc=)(?![^>]*application/json)"""
)


def test_templates_hold_no_script_and_no_style():
    for path in files("templates", ending="html"):
        assert not (found := INLINE.search(path.read_text())), f"{name(path)}: {found[0]}"


def test_nothing_is_left_for_later():
    left = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    for path in (ROOT / line for line in shipped_files() if "vendor" not in line):
        if path.suffix in {".py", ".js", ".css", ".html"}:
            assert not left.search(path.read_text()), name(path)


def test_vendored_files_are_what_their_list_says():
    folder = ROOT / "static/vendor"
    listed = json.loads((folder / "VENDOR.json").read_text())
    for entry in listed:
        assert {"file", "name", "version", "sha256", "licence"} <= entry.keys()
        assert hashlib.sha256((folder / entry["file"]).read_bytes()).hexdigest() == entry["sha256"], entry["file"]
    assert {p.name for p in folder.iterdir()} - {"VENDOR.json"} <= {entry["file"] for entry in listed}
