"""The smallest app that works: one form with a field that names its records, one role that may do everything."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping
from itertools import chain, count
from typing import Any

LONGEST = 20

Text = Mapping[str, str]


def key_from(words: str, stem: str, taken: Container[str] = ()) -> str:
    """A key out of words ("Site visits" -> "site_visits"), or `stem` where they hold no letters that a key can have."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    found = re.sub(r"^[0-9_]+", "", found)[:LONGEST].rstrip("_") or stem
    shorter = found[: LONGEST - 4].rstrip("_")
    return next(key for key in chain([found], (f"{shorter}_{n}" for n in count(2))) if key not in taken)


def first_app(key: str, label: Text, record: Text, zone: str = "UTC") -> dict[str, Any]:
    """The document of an app whose records are called so."""
    form = first_form(key_from(record.get("en", ""), "record", ("person",)), record)
    return {
        "format": 1, "key": key, "label": dict(label), "icon": "layout-grid", "zone": zone, "forms": [form],
        "roles": [{"key": "everyone", "label": {"en": "Everyone", "zh": "所有人"}}],
    }  # fmt: skip


def first_form(key: str, label: Text, roles: tuple[str, ...] = ("everyone",)) -> dict[str, Any]:
    """A form with a title alone, which these roles may see and fill in."""
    title = {"key": "title", "type": "text", "label": {"en": "Title", "zh": "标题"}, "required": True}
    everything = {"scope": "all", "create": True, "delete": ["saved"], "cells": {"*": {"*": "edit"}}}
    return {
        "key": key, "label": dict(label), "plural": dict(label), "icon": "file-text", "title": "title", "fields": [title],
        "layout": [{"key": "main", "label": dict(label), "fields": ["title"]}],
        "access": [{"role": role, **everything} for role in roles],
        "views": [{"key": "all", "label": {"en": "All", "zh": "全部"}, "columns": ["title"], "sort": [{"field": "updated_at", "descending": True}]}],
    }  # fmt: skip
