"""What an app is: frozen dataclasses, one per element of the definition document.

Every element of a list has a key that is unique in its list and never changes after the first publish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from .clock import Clock
from .flow import Calendar, Check, Reminder, Rule, StatusList, Text, Transition
from .sharing import PublicForm, Tracking

MODES = ("hidden", "masked", "read", "edit", "required")
SCOPES = ("all", "own", "in_charge", "department", "department_below", "none")
NEW = "new"
SAVED = "saved"  # the one status of a form that follows no status list
ANY = "*"
STATUS = "status"  # what a record has beside its fields, where a view may name either
VIEW_KINDS = ("list", "board", "calendar", "timeline")
VIEW_FIELDS = ("by", "total", "start", "end", "title")  # settings of a view that name a field


def say(text: Text, language: str) -> str:
    """The text in a language ("en", "zh"); English, else whatever there is, where it is missing."""
    return text.get(language) or text.get("en") or next(iter(text.values()), "")


@dataclass(frozen=True)
class Field:
    """One field of a form, or one column of a `rows` field (then `fields` of its parent holds it)."""

    key: str
    type: str
    label: Text
    help: Text = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    required: Rule = False
    show: Rule = True
    lock: Rule = False
    default: Rule = None
    checks: tuple[Check, ...] = ()
    fields: tuple[Field, ...] = ()

    @cached_property
    def by_key(self) -> dict[str, Field]:
        return {child.key: child for child in self.fields}


@dataclass(frozen=True)
class Tab:
    """Sections that share one sheet of a form, which people switch to."""

    key: str
    label: Text


@dataclass(frozen=True)
class Section:
    """A titled block of a form's layout; `fields` names keys in order. One without a tab stands above the tabs."""

    key: str
    label: Text
    columns: int = 2
    tab: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class RoleAccess:
    """What one role may see and do on one form.

    scope: "all", "own", "in_charge", "department", "department_below", "none", or a rule over the record.
    cells: field path ("total", "lines.price" or "*") -> step (status key, "new" or "*") -> mode.
    """

    role: str
    scope: Rule = "none"
    create: bool = False
    delete: tuple[str, ...] = ()  # the statuses in which the role may delete
    load: bool = False  # may bring in history at any status
    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def cell(self, path: str, step: str) -> str | None:
        """What the matrix says of a path itself at a step."""
        row = self.cells.get(path, {})
        return row.get(step) or row.get(ANY)

    def mode(self, path: str, step: str) -> str:
        """The cell, or else that of the line items a column is part of, or of any field; or else hidden."""
        parent = path.partition(".")[0]
        return self.cell(path, step) or self.cell(parent, step) or self.cell(ANY, step) or "hidden"


@dataclass(frozen=True)
class Sort:
    field: str
    descending: bool = False


@dataclass(frozen=True)
class View:
    """Records of a form as a list, a board, a calendar or a timeline; `columns` is what is told of each.

    by: what a board has a column for ("status" or a choice), or a timeline a group.  total: the number that a
    board sums up.  start, end: the days that a calendar and a timeline go by.  title: what names a record there,
    if not the form's own title.
    """

    key: str
    label: Text
    columns: tuple[str, ...] = ()
    where: Rule = True
    sort: tuple[Sort, ...] = ()
    roles: tuple[str, ...] = ()  # empty: everyone who may see the form
    kind: str = "list"
    by: str = ""
    total: str = ""
    start: str = ""
    end: str = ""
    title: str = ""

    @property
    def named(self) -> dict[str, str]:
        """The fields that its kind goes by, by the name of the setting."""
        return {name: key for name in VIEW_FIELDS if (key := getattr(self, name))}


@dataclass(frozen=True)
class Form:
    key: str
    label: Text
    plural: Text
    icon: str = "file"
    group: Text = field(default_factory=dict)
    title: str = ""  # the field that names a record
    subtitle: str = ""
    comments: bool = True  # whether people may comment on its records
    status_list: str | None = None
    fields: tuple[Field, ...] = ()
    tabs: tuple[Tab, ...] = ()
    layout: tuple[Section, ...] = ()
    transitions: tuple[Transition, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    access: tuple[RoleAccess, ...] = ()
    views: tuple[View, ...] = ()
    tracking: Tracking | None = None
    public: PublicForm | None = None

    @cached_property
    def by_key(self) -> dict[str, Field]:
        return {child.key: child for child in self.fields}

    @cached_property
    def transition_by_key(self) -> dict[str, Transition]:
        return {transition.key: transition for transition in self.transitions}

    @cached_property
    def _flows(self) -> dict[str | None, tuple[Transition, ...]]:
        flows = {t.rows for t in self.transitions}
        return {rows: tuple(t for t in self.transitions if t.rows == rows) for rows in flows}

    def flow(self, rows: str | None = None) -> tuple[Transition, ...]:
        """The transitions that the record takes, or that a line of these line items takes by itself."""
        return self._flows.get(rows, ())

    @cached_property
    def access_by_role(self) -> dict[str, RoleAccess]:
        return {access.role: access for access in self.access}

    @cached_property
    def view_by_key(self) -> dict[str, View]:
        return {view.key: view for view in self.views}

    @cached_property
    def rows(self) -> tuple[Field, ...]:
        """The fields that hold line items."""
        return tuple(child for child in self.fields if child.type == "rows")

    @cached_property
    def serials(self) -> Mapping[str, Field]:
        """The serial numbers of records ("number") and of their lines ("lines.no"), by path."""
        return {path: field for path in self.paths if (field := self.field_at(path)).type == "serial"}

    def field_at(self, path: str) -> Field | None:
        """The field at "total" or "lines.price"; None where there is none."""
        key, _, column = path.partition(".")
        found = self.by_key.get(key)
        return found.by_key.get(column) if found and column else found

    def field_from(self, rows: str | None, path: str) -> Field | None:
        """The field that a transition means by a path: one of the record; of a transition of lines a column, or
        "header.total" of the record.
        """
        if rows is None:
            return self.by_key.get(path)
        first, _, key = path.partition(".")
        return self.by_key.get(key) if first == "header" and key else self.field_at(f"{rows}.{path}")

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every field path, columns of line items after their parent."""
        return tuple(
            path for child in self.fields for path in (child.key, *(f"{child.key}.{c.key}" for c in child.fields))
        )


@dataclass(frozen=True)
class Role:
    key: str
    label: Text
    description: Text = field(default_factory=dict)


@dataclass(frozen=True)
class App:
    key: str
    label: Text
    description: Text = field(default_factory=dict)
    icon: str = "package"
    currency: str = "EUR"
    zone: str = "UTC"  # where the company keeps its calendar, as IANA names it
    calendar: Calendar | None = None  # without one, hours allowed are counted round the clock
    roles: tuple[Role, ...] = ()
    status_lists: tuple[StatusList, ...] = ()
    forms: tuple[Form, ...] = ()
    samples: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def form_by_key(self) -> dict[str, Form]:
        return {form.key: form for form in self.forms}

    @cached_property
    def role_by_key(self) -> dict[str, Role]:
        return {role.key: role for role in self.roles}

    @cached_property
    def status_list_by_key(self) -> dict[str, StatusList]:
        return {statuses.key: statuses for statuses in self.status_lists}

    @cached_property
    def _holders(self) -> dict[int, Form | Field]:
        """By a field's identity, what it is part of."""
        holders = [holder for form in self.forms for holder in (form, *form.rows)]
        return {id(child): holder for holder in holders for child in holder.fields}

    def holder(self, child: Field) -> Form | Field | None:
        """The form, or the `rows` field, that has exactly this field among its own."""
        return self._holders.get(id(child))

    @cached_property
    def clock(self) -> Clock:
        """The wall clock where the company is, and its working hours."""
        return Clock(self.zone, self.calendar)

    def day(self, moment: datetime) -> date:
        """The day that a moment (naive UTC) falls on where the company is."""
        return self.clock.local(moment).date()

    def statuses(self, form: Form) -> StatusList | None:
        """The status list that a form follows."""
        return self.status_list_by_key[form.status_list] if form.status_list else None

    def line_statuses(self, rows: Field) -> StatusList | None:
        """The status list that the lines of line items follow, each by itself."""
        found = self.status_list_by_key.get(rows.settings.get("status_list") or "")
        return found if found is not None and found.statuses else None

    def steps(self, form: Form) -> tuple[str, ...]:
        """The steps of a form: `new`, then its statuses."""
        statuses = self.statuses(form)
        return (NEW, *(status.key for status in statuses.statuses)) if statuses else (NEW, SAVED)
