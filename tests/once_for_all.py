"""What each app of a run would do anew although it comes out the same: templates and addresses compiled, passwords made costly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from argon2 import PasswordHasher
from flask import Flask
from formloom.platform.access import passwords
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule


def do_once(folder: Path) -> None:
    """folder: kept by all processes of a run."""
    folder.mkdir(exist_ok=True)
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(folder))}
    Rule._compile_builder = _remembered(Rule._compile_builder)
    passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def _remembered(compile_builder: Callable) -> Callable:
    """What builds an address reads the rule's own converters, so that it serves that rule in every app."""
    known: dict[tuple, Callable] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Callable:
        key = (rule.rule, rule.subdomain, append_unknown, tuple((rule.defaults or {}).items()))
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    return compiled
