"""Files of strangers read in a process of their own, with so much memory and time: what is made to burst, bursts there."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from flask_babel import gettext as _

from ..definition.inference import Table
from ..errors import Invalid, Problem
from ..language import speaking
from .workbooks import read_tables

MEMORY = 2 * 1024**3  # bytes of address space
SECONDS = 60


def tables_in(file: Path, name: str, language: str) -> list[Table]:
    """The tables of a file that was called so; Invalid where it holds none, or takes too much to read."""
    told = [str(file), name, language, str(MEMORY), str(SECONDS)]
    try:
        done = subprocess.run([sys.executable, "-m", __name__, *told], capture_output=True, timeout=SECONDS, cwd=file.parent)
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        raise Invalid([Problem(name, _("This file takes too much memory or time to read. Save the one sheet that is needed as .csv."))])
    answer = json.loads(done.stdout)
    if "problems" in answer:
        raise Invalid([Problem(*one) for one in answer["problems"]])
    return [Table(**one) for one in answer["tables"]]


def main(file: str, name: str, language: str, memory: str, seconds: str) -> None:
    """What the process does: the tables as JSON, or what is wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(float(seconds)) + 1,) * 2)
    with speaking(language):
        try:
            answer = {"tables": [asdict(table) for table in read_tables(Path(file), name)]}
        except Invalid as refusal:
            answer = {"problems": [[problem.path, str(problem.message)] for problem in refusal.problems]}
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
