"""Who acts: a member of a workspace, a link that somebody was given, or the engine itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Actor:
    """A principal with its roles in each app, resolved once a request.

    kind: "member", "link", or "system" for the engine (automatic transitions, imports by the operator).
    departments: the own department and those below it, the own one first.
    link, record: of a link, its own id and that of the one record that it shows, if it shows any.
    """

    kind: str
    id: int | None
    name: str
    language: str = "en"
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    admin: bool = False
    department: int | None = None
    departments_below: frozenset[int] = frozenset()
    link: int | None = None
    record: int | None = None

    def roles_in(self, app_key: str) -> frozenset[str]:
        return self.roles.get(app_key, frozenset())

    @property
    def author(self) -> int | None:
        """What records and history keep of who it was: the member's id; that of a link is negative."""
        return self.id if self.link is None else -self.link

    @property
    def is_system(self) -> bool:
        return self.kind == "system"


SYSTEM = Actor("system", None, "Formloom")
