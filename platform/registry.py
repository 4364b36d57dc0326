"""Look-up folders: one file per member, found by itself.

`fields/`, `actions/` and `operators/` each hold one class a file. A registry imports every module
of its folder at first use, so a new member is one new file and nothing else.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from marshmallow import Schema

from .field_type import FieldType, UnknownType


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
        self._lock = threading.RLock()
        self._loaded = False
        self._loading = False

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
        with self._lock:
            if self._loaded or self._loading:
                return
            self._loading = True
            try:
                for file in sorted(self.path.glob("*.py")):
                    importlib.import_module(f"formloom.platform.{self.folder}.{file.stem}")
            finally:
                self._loading = False
            self._loaded = True

    @property
    def path(self) -> Path:
        return Path(__file__).parent / self.folder


class Action:
    """What a transition can do besides changing the status; a member of `actions/`."""

    name = ""
    label: Mapping[str, str] = {}
    icon = "bolt"
    Options: type[Schema] = Schema

    def rules(self, settings, form) -> Iterable[tuple[Any, str | None, str | None]]:
        """Its rules, each with the key of the line items whose `line` it sees and the form of its `target`."""
        return ()

    def reaches(self, settings, form) -> Iterable[str]:
        """The keys of the forms whose records it locks."""
        return ()

    def targets(self, settings, change) -> Iterable[tuple[str, int]]:
        """(form key, id) of the records that it will lock, as far as that can be told before it runs."""
        return ()

    def problems(self, settings, form, app) -> list[Any]:
        """`Problem`s of these settings in this form, with paths relative to the effect."""
        return []

    def run(self, settings, change) -> None:
        """Carry it out inside the command's transaction; `change` is `workflow.commands.Change`."""
        raise NotImplementedError


fields: Registry[FieldType] = Registry("field type", "fields")
actions: Registry[Action] = Registry("action", "actions")
operators: Registry[Any] = Registry("operator", "operators")

UNKNOWN = UnknownType()


def load_all() -> None:
    """Find every member of every registry now, so that a duplicate name stops the start."""
    for registry in (fields, actions, operators):
        list(registry)


def own(field) -> FieldType:
    """The type of a field; a stand-in where this release does not know it."""
    if field.type not in fields:
        return UNKNOWN
    return fields[field.type]


def source(field, app) -> tuple[FieldType, Any]:
    """The type and the field that tell how to read and show a field's values.

    Its own, or those of what a look-up or a formula shows; a stand-in where the type is unknown.
    """
    if field.type not in fields:
        return UNKNOWN, field
    shown = fields[field.type].source(field, app)
    return fields[shown.type], shown
