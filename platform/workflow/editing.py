"""Create, edit, delete and restore a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from ..access.links import take_turn
from ..definition.model import say
from ..errors import NotFound, Refused
from ..records import write
from ..records.choosing import lost_links
from ..records.draft import Draft, blank
from ..records.following import follow
from ..records.visibility import own_modes
from .change import Change
from .entry import taken
from .holding import held, held_grants, judge, lay_over, refuse_locked
from .masking import without_masks
from .merge import merge
from .performing import go_on
from .saving import changed


def create(change: Change, form_key: str, values: Mapping[str, Any]) -> Draft:
    """A new record at the start status."""
    form = change.compiled.form(form_key)
    grants = form.actor_grants(change.actor)
    if not grants:
        raise NotFound
    if not any(grant.create for grant in grants):
        lifters = tuple(grant.role for grant in form.grants.values() if grant.create)
        raise Refused(_("Your roles may not create this."), lifters)
    if change.actor.link is not None:
        take_turn(change.connection, change.actor.link, form.form.public, form.app.day(change.now), change.now)
    draft = blank(form, grants)
    modes = own_modes(draft, change.actor)
    given = taken(form, values, modes)
    merge(draft, given, {key: draft.values.get(key) for key in given}, modes)
    draft.given = frozenset(given)
    data = change.derive(draft)
    refuse_locked(draft, data)
    judge(change, draft, data, modes)
    change.saving.insert([draft], "created")
    if change.actor.id is not None:
        follow(change.connection, (form.app.key, form_key, draft.id), change.actor.id, change.now)
    go_on(change, draft)
    return draft


def edit(change: Change, form_key: str, record_id: int, changes: Mapping[str, Any], base: Mapping[str, Any]) -> Draft:
    """Change fields; each must be what `base` says, or nobody else's change is lost."""
    draft = held(change, form_key, record_id)
    modes = own_modes(draft, change.actor)
    changes = without_masks(draft, changes, modes)
    lay_over(change, draft, taken(draft.form, changes, modes), base, modes)
    data = change.derive(draft)
    refuse_locked(draft, data)
    judge(change, draft, data, modes)
    if not changed(draft):
        return draft
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
        forms = [form for key in referring if (form := change.compiled.form(key)).actor_grants(change.actor)]
        names = [say(form.form.plural, change.actor.language) for form in forms] or [_("what you may not see")]
        raise Refused(_("This is used by: %(forms)s.", forms=", ".join(names)))
    change.saving.update([draft], "deleted", deleted_at=change.now)
    return draft


def restore(change: Change, form_key: str, record_id: int) -> Draft:
    """Bring a deleted record back as it was."""
    draft = held(change, form_key, record_id, deleted=True)
    if not any(draft.status in grant.delete for grant in held_grants(change, draft)):
        raise Refused(_("Your roles may not restore this."))
    lost = lost_links(change.connection, change.compiled, draft)
    if lost:
        names = dict.fromkeys(say(draft.form.form.field_at(path).label, change.actor.language) for path in lost)
        raise Refused(_("What this links to no longer exists: %(fields)s.", fields=", ".join(names)))
    change.saving.update([draft], "restored", deleted_at=None)
    return draft
