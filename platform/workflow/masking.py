"""What somebody sends back of masked values: the mask itself is no change, and nothing else can be written there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..records.draft import Draft
from ..records.masks import MASKED, masks_of


def without_masks(draft: Draft, raw: Any, modes: Mapping[str, str]) -> Any:
    """The raw values without those that are the mask of what stands there, in lines too."""
    if not isinstance(raw, Mapping) or MASKED not in modes.values():
        return raw
    masks = masks_of(draft.form, draft.values, modes)
    kept = {}
    for key, value in raw.items():
        if key in draft.form.rows and key in masks and isinstance(value, list | tuple):
            ids = [line.get("id") for line in draft.values.get(key) or ()]
            kept[key] = [_line(line, dict(zip(ids, masks[key], strict=True))) for line in value]
        elif not (isinstance(value, str) and modes.get(key) == MASKED and value == masks.get(key)):
            kept[key] = value
    return kept


def _line(line: Any, masks: Mapping[int, Mapping[str, str]]) -> Any:
    if not isinstance(line, Mapping) or not isinstance(line.get("id"), int):
        return line
    own = masks.get(line["id"], {})
    return {name: cell for name, cell in line.items() if name not in own or cell != own[name]}
