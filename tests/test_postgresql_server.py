"""The tests' own servers may be stopped whatever became of them."""

import os
import shutil
from pathlib import Path

from conftest import FOLDER
from disasters import kill_server, server_of_its_own


def test_a_server_that_was_killed_counts_as_stopped():
    folder = Path(os.environ[FOLDER]) / "killed"
    with server_of_its_own(folder) as server:
        server.start()
        pid_file = server.folder / "data" / "postmaster.pid"
        written = pid_file.read_text()
        kill_server(server)
        pid_file.write_text(written)  # as it lies there when nobody cleans up
    shutil.rmtree(folder)
