"""Who acts: a member of a workspace, or the engine itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Actor:
    """A principal with its roles in each app, resolved once a request.

    kind: "member", or "system" for the engine (automatic transitions, imports by the operator).
    departments: the own department and those below it, the own one first.
    """

    kind: str
    id: int | None
    name: str
    language: str = "en"
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    admin: bool = False
    department: int | None = None
    departments_below: frozenset[int] = frozenset()

    def roles_in(self, app_key: str) -> frozenset[str]:
        return self.roles.get(app_key, frozenset())

    @property
    def is_system(self) -> bool:
        return self.kind == "system"


SYSTEM = Actor("system", None, "Formloom")
