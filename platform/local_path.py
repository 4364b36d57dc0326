"""An address to go on to: only ever within this site."""

from __future__ import annotations

from urllib.parse import urlsplit


def local_path(asked: str | None, otherwise: str = "/") -> str:
    """The path if it is one of ours; what browsers could read as another host is not."""
    if not asked or not asked.startswith("/") or asked.startswith("//"):
        return otherwise
    if "\\" in asked or any(ord(character) < 32 for character in asked):
        return otherwise
    parts = urlsplit(asked)
    return asked if not parts.scheme and not parts.netloc else otherwise
