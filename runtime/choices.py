"""What a link or person field may be set to, for the picker."""

from __future__ import annotations

from flask import Blueprint, jsonify, request

from ..platform.access.policy import member
from .live_rules import dumped_fields
from .opening import gate_of

blueprint = Blueprint("choices", __name__, url_prefix="/apps/<app_key>/<form_key>/choices")

MOST = 20


@blueprint.get("/<path>")
@member
def show(app_key: str, form_key: str, path: str):
    """JSON: [{id, title, subtitle, fields}]; `fields` are those that the form's rules read past the link. `X-New`
    says where a new record can be made, where the field lets people do so and their roles may.
    """
    gate = gate_of(app_key)
    found = gate.choices(form_key, path, request.args.get("q", ""), MOST)
    field_type, field = gate.compiled.form(form_key).shown[path]
    target = field_type.points_to(field)
    answer = jsonify([
        {
            "id": choice.id,
            "title": choice.title,
            "subtitle": choice.subtitle,
            "fields": dumped_fields(gate, target, choice.values) if choice.values else {},
        }
        for choice in found
    ])  # fmt: skip
    if field.settings.get("create") and gate.may_create(target):
        answer.headers["X-New"] = f"/apps/{app_key}/{target}/new"
    return answer
