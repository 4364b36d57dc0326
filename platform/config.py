"""Settings, from the environment and nothing else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Config:
    """Where things live and what is allowed.

    database_url: "" for embedded SQLite files under `instance`, else a PostgreSQL address.
    max_body: bytes a request may carry.  max_file: bytes of one file; a form may carry a few of them at once.
    trusted_proxies: how many proxies stand before us.
    longest_question: seconds after which a filter, a search or a summary is stopped; 0 for never.
    """

    instance: Path
    database_url: str = ""
    secret: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = ""
    max_body: int = 10 * 1024 * 1024
    max_file: int = 20 * 1024 * 1024
    trusted_proxies: int = 0
    secure_cookies: bool = False
    longest_question: float = 10
    testing: bool = False

    @property
    def address(self) -> str:
        """What links handed to people begin with: as configured, never what a request claims."""
        return self.base_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def postgresql(self) -> bool:
        return self.database_url.startswith("postgresql")


def from_environment(environ=os.environ) -> Config:
    instance = Path(environ.get("FORMLOOM_INSTANCE", "instance")).absolute()
    return Config(
        instance=instance,
        database_url=_driver(environ.get("DATABASE_URL", "")),
        secret=environ.get("FORMLOOM_SECRET", "") or _kept_secret(instance),
        host=environ.get("HOST", "127.0.0.1"),
        port=int(environ.get("PORT", "8000")),
        max_file=int(environ.get("FORMLOOM_MAX_FILE", "20")) * 1024 * 1024,
        base_url=environ.get("FORMLOOM_BASE_URL", ""),
        trusted_proxies=int(environ.get("FORMLOOM_PROXIES", "0")),
        secure_cookies=environ.get("FORMLOOM_HTTPS", "") == "1",
        longest_question=float(environ.get("FORMLOOM_LONGEST_QUESTION", "10")),
    )


def _driver(url: str) -> str:
    """`postgres://` and `postgresql://` both mean PostgreSQL by psycopg 3."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else url


def _kept_secret(instance: Path) -> str:
    """The installation's own key, made once, readable by its owner alone."""
    file = instance / "secret"
    instance.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(os.urandom(32).hex())
    except FileExistsError:
        pass
    return file.read_text().strip()
