"""Records that others moved go on by themselves after the commit, each in a command of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..definition.flow import Transition
from ..records.draft import Draft, rule_data
from .judge import own_guards
from .outbox import Errand
from .timers import over


def advances(change, drafts: Iterable[Draft]) -> Iterator[Errand]:
    """An errand for each of the drafts that may go on."""
    for draft in drafts:
        if _may_go_on(change, draft):
            record = (change.compiled.app.key, draft.form.key, draft.id)
            payload = {"app": record[0], "form": record[1], "id": record[2]}
            cause = change.saving.events[-1]["hash"][:16]  # a roll-up moves without an event of its own
            key = "advance:" + ":".join(map(str, (*record, draft.seq, cause)))
            yield Errand("advance", key, payload, record)


def _may_go_on(change, draft: Draft) -> bool:
    """Whether an automatic transition out of where a record, or one of its lines, stands may be due."""
    for transition in draft.form.form.transitions:
        if not transition.automatic:
            continue
        if transition.rows is None:
            due = draft.status in transition.sources and over(draft, transition.wait, change.now)
            if due and not _surely_blocked(change, draft, transition):
                return True
        elif any(line["status"] in transition.sources for line in draft.values.get(transition.rows) or ()):
            return True
    return False


def _surely_blocked(change, draft: Draft, transition: Transition) -> bool:
    """Whether a guard fails that reads nothing but the record."""
    own = draft.form.statement(("own guards", transition.key), lambda: own_guards(draft.form, transition))
    if not own:
        return False
    data = rule_data(draft, change.linked, change.around)
    return any(draft.form.rule(guard.rule, draft.form.scope)(data) is not True for guard in own)
