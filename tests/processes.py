"""Work in many processes at once: one helper process loads the product, then forks them.

Run as a script it is that helper; `together` starts it from a test. What the processes do are
functions of `racers.py`, `killing.py` and `publishers.py`: they take a `Config`, the number of the process and the test's arguments.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from formloom.platform.config import Config


def together(config: Config, work: str, count: int, *arguments: Any) -> list[Any]:
    """What `<work>(config, number, wait, *arguments)` returned in each of `count` processes.

    None for one that was killed; an exception in one fails the test.
    """
    asked = {"instance": str(config.instance), "url": config.database_url, "secret": config.secret}
    asked |= {"work": work, "count": count, "arguments": arguments}
    done = subprocess.run(
        [sys.executable, __file__], input=json.dumps(asked), capture_output=True, text=True, timeout=3000
    )
    assert done.returncode == 0, done.stderr
    results = dict(map(json.loads, done.stdout.splitlines()))
    return [results.get(number) for number in range(count)]


def main() -> None:
    import killing
    import publishers
    import racers

    asked = json.loads(sys.stdin.read())
    config = Config(Path(asked["instance"]), asked["url"], secret=asked["secret"], testing=True)
    work = next(getattr(module, asked["work"]) for module in (racers, killing, publishers) if hasattr(module, asked["work"]))
    racers.prepare(config)
    start, ready = os.pipe(), os.pipe()
    children = []
    for number in range(asked["count"]):
        children.append(os.fork())
        if children[-1] == 0:
            os.close(start[1])
            together_with = partial(wait, start[0], ready[1])
            child(number, partial(work, config, number, together_with, *asked["arguments"]))
    os.close(ready[1])
    arrived = 0
    while arrived < len(children) and os.read(ready[0], 1):
        arrived += 1
    os.close(start[1])
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
    sys.exit(1 if 1 in codes else 0)


def wait(start: int, ready: int) -> None:
    """Returns in all processes at the same moment, once each of them has come here."""
    os.write(ready, b".")
    os.close(ready)
    os.read(start, 1)


def child(number: int, work: Callable[[], Any]) -> None:
    """Does the work and reports it in one line."""
    code = 0
    try:
        os.write(1, json.dumps([number, work()]).encode() + b"\n")
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
