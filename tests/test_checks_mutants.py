"""Whether the checks name what is broken: templates with one blind change each, judged by a walk through the engine."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from random import Random

import pytest
from databases import SLUG, build_empty
from formloom.platform import db
from formloom.platform.definition.checks import problems
from formloom.platform.definition.schema import load
from formloom.platform.errors import Invalid
from formloom.platform.gallery import TEMPLATES, start_app, template
from formloom.platform.records.compiled import open_app
from formloom.platform.workflow.prospect import Prospect
from formloom.platform.workflow.publication import Choices, publish_document
from formloom.platform.workflow.samples import add_people, play
from mutation import mutant
from walk import Walk

pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.long]

LONG = "FORMLOOM_SOAK" in os.environ
MUTANTS = 500 if LONG else 16
NAMED = 0.95


class Original:
    """A template that runs with its sample records, to be copied for every mutant."""

    def __init__(self, databases, name: str, folder):
        self.document, self.folder = template(name), folder / name
        self.config = databases.fresh("sqlite", "empty", build_empty, self.folder / "original")
        workspaces = db.Workspaces(self.config)
        workspace = workspaces[SLUG]
        self.key = start_app(workspace, self.document, None)
        with workspace.writing() as connection:
            self.people = add_people(connection, open_app(workspace, connection, self.key).app)
        play(workspace, self.key, self.people)
        self.seen = Walk(workspace, self.key, self.people).go()
        workspaces.dispose()
        assert self.seen.crashed == []

    def broken_by(self, document) -> list[str]:
        """Publish another definition over the records, whatever the checks say, and walk through it."""
        copy = self.folder / "mutant"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder / "original", copy)
        workspaces = db.Workspaces(type(self.config)(instance=copy, secret=self.config.secret, testing=True))
        try:
            workspace = workspaces[SLUG]
            publish_document(workspace, self.key, document, None, choices=Choices(self._moved(document)))
            seen = Walk(workspace, self.key, self.people).go()
            return seen.lacks(self.seen, load(document, lenient=True))
        except Exception as error:  # it cannot even be published
            return [f"publishing: {type(error).__name__} {error}"[:200]]
        finally:
            workspaces.dispose()

    def _moved(self, document) -> dict[str, dict[str, str]]:
        """Records of statuses that are gone begin anew."""
        before, after = load(self.document), load(document, lenient=True)
        found = {}
        for form in after.forms:
            was, statuses = before.form_by_key.get(form.key), after.statuses(form)
            if was is not None and statuses is not None and statuses.statuses and before.statuses(was) is not None:
                gone = before.statuses(was).by_key.keys() - statuses.by_key.keys()
                found[form.key] = dict.fromkeys(gone, statuses.start.key)
        return found


def alarms(document) -> list[str] | None:
    """What the checks say of a definition; None where it is not even one."""
    try:
        return [f"{one.path}: {one.message}" for one in problems(load(document))]
    except Invalid:
        return None


def test_what_is_broken_is_named(databases, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(Prospect, "wrong", ())
    random, originals = Random(20261125), {}
    tally, missed, idle = Counter(), [], []
    for number in range(MUTANTS):
        name = TEMPLATES[number % len(TEMPLATES)]
        if name not in originals:
            originals[name] = Original(databases, name, tmp_path)
        document, change = mutant(originals[name].document, random)
        said = alarms(document)
        if said is None:
            tally["refused as no definition at all"] += 1
            continue
        broken = originals[name].broken_by(document)
        tally[f"{'broken' if broken else 'working'}, {'named' if said else 'silent'}"] += 1
        if broken and not said:
            missed.append(f"{name} {change}\n      {broken[:2]}")
        if said and not broken:
            idle.append(f"{name} {change}\n      {said[:2]}")
    run = tally["broken, named"] + tally["broken, silent"]
    share = tally["broken, named"] / run if run else 1
    with capsys.disabled():
        print(f"\n{MUTANTS} mutants: {dict(tally)}; of the {run} that run and are broken, {share:.1%} are named")
        if LONG:
            print("missed:", *missed, "said of what the walk found working:", *idle, sep="\n  ")
    assert share >= NAMED if LONG else tally["broken, silent"] <= 1


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_said_of_what_ships(name):
    assert alarms(template(name)) == []
