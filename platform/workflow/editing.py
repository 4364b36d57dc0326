"""Create, edit, delete and restore a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from ..definition.model import NEW, say
from ..errors import NotFound, Refused
from ..records import write
from ..records.draft import Draft
from ..records.visibility import modes_at
from .change import Change
from .entry import taken
from .holding import held, held_grants, held_modes, judge, lay_over
from .merge import refuse_line_ids
from .performing import go_on


def create(change: Change, form_key: str, values: Mapping[str, Any]) -> Draft:
    """A new record at the start status."""
    form = change.compiled.form(form_key)
    grants = form.actor_grants(change.actor)
    creating = tuple(grant for grant in grants if grant.create)
    if not grants:
        raise NotFound
    if not creating:
        lifters = tuple(grant.role for grant in form.grants.values() if grant.create)
        raise Refused(_("Your roles may not create this."), lifters)
    modes = modes_at(form, creating, (True,) * len(creating), NEW)
    given = taken(form, values, modes)
    refuse_line_ids(given, form.rows)
    draft = Draft(form, {key: [] for key in form.rows} | given, status=form.start_status)
    data = change.derive(draft, frozenset(given))
    judge(change, draft, data, modes)
    change.saving.insert([draft], "created")
    go_on(change, draft)
    return draft


def edit(change: Change, form_key: str, record_id: int, changes: Mapping[str, Any], base: Mapping[str, Any]) -> Draft:
    """Change fields; each must be what `base` says, or nobody else's change is lost."""
    draft = held(change, form_key, record_id)
    modes = held_modes(change, draft)
    lay_over(draft, taken(draft.form, changes, modes), base, modes)
    data = change.derive(draft)
    judge(change, draft, data, modes)
    change.saving.update([draft], "edited")
    go_on(change, draft)
    return draft


def delete(change: Change, form_key: str, record_id: int, loading: bool = False) -> Draft:
    """Take a record away softly, by the right to delete at its step, or by the right to load."""
    draft = held(change, form_key, record_id)
    if not any(grant.load if loading else draft.status in grant.delete for grant in held_grants(change, draft)):
        raise Refused(_("Your roles may not delete this at this step."))
    referring = write.referring_forms(change.connection, draft.form, record_id)
    if referring:
        names = [say(change.compiled.form(key).form.plural, change.actor.language) for key in referring]
        raise Refused(_("This is used by: %(forms)s.", forms=", ".join(names)))
    change.saving.update([draft], "deleted", deleted_at=change.now)
    return draft


def restore(change: Change, form_key: str, record_id: int) -> Draft:
    """Bring a deleted record back as it was."""
    draft = held(change, form_key, record_id, deleted=True)
    if not any(draft.status in grant.delete for grant in held_grants(change, draft)):
        raise Refused(_("Your roles may not restore this."))
    change.saving.update([draft], "restored", deleted_at=None)
    return draft
