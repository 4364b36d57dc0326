"""What rules see: the types behind every name, for a record, a line, an effect, a link's target.

A link's fields are looked at only when a rule reaches through it, since links may run in circles.
"""

from __future__ import annotations

from dataclasses import replace

from ..field_type import DEPARTMENT
from ..registry import fields
from ..rules.typing import Type
from .flow import StatusList, Text
from .model import SAVED, App, Field, Form

USER = Type(
    "record",
    fields={
        "id": Type("person", label={"en": "who acts", "zh": "操作人"}),
        "roles": Type("list", item=Type("text"), label={"en": "roles", "zh": "角色"}),
        "department": Type("link", target=DEPARTMENT, label={"en": "department", "zh": "部门"}),
    },
    label={"en": "who acts", "zh": "操作人"},
)
AROUND = {
    "user": USER,
    "today": Type("date", label={"en": "today", "zh": "今天"}),
    "now": Type("moment", label={"en": "now", "zh": "现在"}),
}
"""What every rule sees beside the values of a record, whatever the app."""

SAVED_LABEL = {"en": "saved", "zh": "已保存"}


def around(app: App) -> dict[str, Type]:
    """The same with the roles that the app has, so that a rule can't name another."""
    roles = Type("choice", options={role.key: role.label for role in app.roles})
    known = {"roles": replace(USER.members["roles"], item=roles)}
    return AROUND | {"user": replace(USER, fields={**USER.members, **known})}


def record_scope(app: App, form: Form) -> Type:
    """A record of a form, and as `old` the same before the change."""

    def members():
        values = _values(app, form)
        return values | around(app) | {"old": Type("record", fields=values, label={"en": "before", "zh": "修改前"})}

    return _kept(app, ("record scope", form.key), Type("record", fields=members, label=form.label))


def line_scope(app: App, form: Form, rows: Field) -> Type:
    """A line of line items: its columns, and the record it belongs to as `header`."""

    def members():
        return columns(app, rows) | around(app) | {"header": record_scope(app, form)}

    return _kept(app, ("line scope", form.key, rows.key), Type("record", fields=members, label=rows.label))


def effect_scope(
    app: App, form: Form, rows: Field | None = None, target: Form | None = None, target_rows: Field | None = None
) -> Type:
    """A record as its effects see it: with the `line` at hand, and the `target` that is changed, or a line of it."""

    def members():
        seen = dict(record_scope(app, form).members)
        if rows is not None:
            seen["line"] = Type("record", fields=lambda: columns(app, rows), label=rows.label)
        if target_rows is not None:
            seen["target"] = target_line_scope(app, target, target_rows)
        elif target is not None:
            seen["target"] = target_scope(app, target)
        return seen

    return Type("record", fields=members, label=form.label)


def match_scope(app: App, form: Form, holder: Form | Field, target: Form) -> Type:
    """A record, or a line of the line items `holder`, that looks for the `target` that suits it."""
    own = record_scope(app, form) if holder is form else line_scope(app, form, holder)

    def members():
        return {**own.members, "target": target_scope(app, target)}

    return Type("record", fields=members, label=own.label)


def target_scope(app: App, form: Form) -> Type:
    """The values of a linked record, without its line items, which no command loads past a link."""

    def members():
        return {key: found for key, found in _values(app, form).items() if found.kind != "rows"}

    scope = Type("record", fields=members, label=form.label)
    return _kept(app, ("target scope", form.key), scope)


def target_line_scope(app: App, form: Form, rows: Field) -> Type:
    """A line of a record that an effect changes, and that record as `header`."""
    return Type("record", fields=lambda: columns(app, rows) | {"header": target_scope(app, form)}, label=rows.label)


def _kept(app: App, name: tuple[str, ...], scope: Type) -> Type:
    """The scope of this name that the app has already, whose members are known once they were asked for."""
    return vars(app).setdefault("scopes", {}).setdefault(name, scope)


def columns(app: App, rows: Field) -> dict[str, Type]:
    """The types of a line's columns, and its status where it has one of its own."""
    found = {c.key: fields[c.type].rule_type(c, app) for c in rows.fields if has_value(c)}
    statuses = app.line_statuses(rows)
    return found | {"status": _status(_options(statuses))} if statuses else found


def has_value(field: Field) -> bool:
    """Whether a field holds anything that rules, lists and records could speak of."""
    return field.type in fields and fields[field.type].valued


def _values(app: App, form: Form) -> dict[str, Type]:
    """A form's fields, and what each record has without being asked."""
    statuses = app.status_list_by_key.get(form.status_list) if form.status_list else None
    options = _options(statuses) if statuses else {SAVED: SAVED_LABEL}
    return {f.key: fields[f.type].rule_type(f, app) for f in form.fields if has_value(f)} | {
        "id": Type("link", fields={}, target=form.key, label={"en": "id", "zh": "编号"}),
        "status": _status(options),
        "created_by": Type("person", label={"en": "created by", "zh": "创建人"}),
        "created_at": Type("moment", label={"en": "created at", "zh": "创建时间"}),
    }


def _options(statuses: StatusList) -> dict[str, Text]:
    return {status.key: status.label for status in statuses.statuses}


def _status(options: dict[str, Text]) -> Type:
    return Type("choice", options=options, label={"en": "status", "zh": "状态"})
