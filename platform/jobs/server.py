"""The web server: gunicorn with threads, serving an application that is loaded already."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from gunicorn.app.base import BaseApplication

WORKERS = 2
THREADS = 4


class Server(BaseApplication):
    """`ready` is called with the address once connections are accepted."""

    def __init__(self, app: Flask, host: str, port: int, ready: Callable[[str], None]):
        self.application = app
        self.host = host
        self.port = port
        self.ready = ready
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}",
            "workers": WORKERS,
            "threads": THREADS,
            "worker_class": "gthread",
            "preload_app": True,
            "keepalive": 75,
            "timeout": 60,
            "graceful_timeout": 10,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": lambda arbiter: self.ready(str(arbiter.LISTENERS[0])),
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.application
