"""Look-up folders: one file per member, found by itself.

`fields/`, `actions/` and `operators/` each hold one class a file. A registry imports every module
of its folder at first use, so a new member is one new file and nothing else.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from marshmallow import Schema


class Named(Protocol):
    name: str


Member = TypeVar("Member", bound=Named)


class DuplicateName(RuntimeError):
    """Two members of a registry answer to the same name: the start must fail."""


class UnknownName(LookupError):
    """No member of a registry has this name."""


class Registry(Generic[Member]):
    """The members of one look-up folder, by name."""

    def __init__(self, what: str, folder: str):
        self.what = what
        self.folder = folder
        self._members: dict[str, Member] = {}
        self._loaded = False

    def register(self, member: type[Member]) -> type[Member]:
        """Class decorator: adds one instance of the class under its `name`."""
        if member.name in self._members:
            raise DuplicateName(f"two {self.what}s are named {member.name!r}")
        self._members[member.name] = member()
        return member

    def __getitem__(self, name: str) -> Member:
        self._load()
        try:
            return self._members[name]
        except KeyError:
            raise UnknownName(f"no {self.what} is named {name!r}") from None

    def __contains__(self, name: object) -> bool:
        self._load()
        return name in self._members

    def __iter__(self):
        self._load()
        return iter(sorted(self._members.values(), key=lambda member: member.name))

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        root = Path(__file__).parent / self.folder
        for file in sorted(root.glob("*.py")):
            importlib.import_module(f"formloom.platform.{self.folder}.{file.stem}")


class FieldType:
    """What a field type says about itself; a member of `fields/` overrides what differs.

    kind: how rules see its values: text, number, flag, date, moment, choice, person, link, rows.
    computed: the engine writes it, nobody enters it.  stored: it has a column.
    examples: settings and raw values that are good, and ones that are bad; the tests run over them.
    """

    name = ""
    label: Mapping[str, str] = {}
    icon = "type"
    group = "text"  # text, numbers, choice, connected, files
    kind = "text"
    computed = False
    stored = True
    sortable = True
    searchable = False
    Options: type[Schema] = Schema
    examples_good: tuple[tuple[Mapping[str, Any], Any], ...] = ()
    examples_bad: tuple[tuple[Mapping[str, Any], Any], ...] = ()

    def rule_type(self, field, app) -> Any:
        """The `rules.typing.Type` of this field's value in a rule."""
        raise NotImplementedError

    def value(self, field) -> Any:
        """A marshmallow field: JSON and form input -> Python value, and back to JSON."""
        raise NotImplementedError

    def input(self, field, **arguments) -> Any:
        """A WTForms field that asks for a value."""
        raise NotImplementedError

    def column(self, field) -> Any:
        """The SQL type of the stored value."""
        raise NotImplementedError

    def display(self, value, field, formats) -> str:
        """A value as a person reads it (text, not HTML)."""
        return "" if value is None else str(value)


class Action:
    """What a transition can do besides changing the status; a member of `actions/`."""

    name = ""
    label: Mapping[str, str] = {}
    icon = "bolt"
    Options: type[Schema] = Schema

    def problems(self, settings, form, app) -> list[Any]:
        """`Problem`s of these settings in this form, with paths relative to the effect."""
        return []

    def run(self, settings, change) -> None:
        """Carry it out inside the command's transaction; `change` is `workflow.commands.Change`."""
        raise NotImplementedError


fields: Registry[FieldType] = Registry("field type", "fields")
actions: Registry[Action] = Registry("action", "actions")
operators: Registry[Any] = Registry("operator", "operators")
