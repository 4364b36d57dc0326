"""What people say about records and which they follow: commands that change no record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from ..access.actor import Actor
from ..records.following import follow, leave
from ..records.query import Gate
from .change import Change
from .commands import Commands
from .commenting import callable_people, comment, reword_comment, take_back_comment
from .holding import held
from .requests import once


class Talk(Commands):
    """The commands of one actor beside those on the records themselves; whoever sees a record may."""

    def comment(
        self, form: str, id: int, text: str, chosen: Collection[int] = (), key: str | None = None, files: Sequence[str] = ()
    ) -> int:
        """Say something; `chosen` members are meant where several have the name that is called. Its number."""
        body = ["comment", form, id, text]
        return self._said(key, body, form, id, lambda change: comment(change, form, id, text, chosen, files))

    def reword(self, form: str, id: int, number: int, text: str, chosen: Collection[int] = ()) -> int:
        """Change one's own comment while it is fresh."""
        return self._said(None, [], form, id, lambda change: reword_comment(change, form, id, number, text, chosen))

    def take_back(self, form: str, id: int, number: int) -> int:
        """Delete one's own comment."""
        return self._said(None, [], form, id, lambda change: take_back_comment(change, form, id, number))

    def follow(self, form: str, id: int, on: bool = True) -> None:
        """Be told of what happens to a record, or no longer."""

        def done(change: Change) -> None:
            held(change, form, id)
            place = (change.compiled.app.key, form, id)
            if on:
                follow(change.connection, place, self.actor.id, change.now)
            else:
                leave(change.connection, place, self.actor.id)

        self._alone(done)

    def callable_people(self, form: str, id: int, text: str, gate: Gate, limit: int = 8) -> list[Actor]:
        """Whom a comment on a record may call, of those whose name holds a text."""
        change = Change(gate.connection, gate.compiled, self.actor, gate.now, locking=False)
        return callable_people(change, form, id, text, limit)

    def _said(self, key: str | None, body: Any, form: str, id: int, work: Callable[[Change], int]) -> int:
        def run(connection) -> int:
            change = self._change(connection)

            def done() -> dict[str, Any]:
                number = work(change)
                change.finish()
                return {"form": form, "id": id, "comment": number}

            return once(connection, self.actor, key, [self.app_key, body], change.now, done)["comment"]

        return self._transact(run)
