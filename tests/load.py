"""A load generator: so many clients on kept-alive connections, each sending its next request on an answer."""

from __future__ import annotations

import json
import selectors
import socket
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode


@dataclass
class Measured:
    """Latencies in milliseconds; how long all of it took in seconds, and what the server computed meanwhile."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    seconds: float = 0.0
    processor: float = 0.0

    @property
    def p50(self) -> float:
        return statistics.median(self.latencies)

    @property
    def p95(self) -> float:
        return sorted(self.latencies)[int(len(self.latencies) * 0.95)]

    @property
    def cost(self) -> float:
        """Milliseconds of a processor for one request; a busy machine changes it little."""
        return self.processor * 1000 / len(self.latencies)

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


def get(path: str, cookie: str = "", accept: str = "text/html", more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nAccept: {accept}\r\n{more}\r\n".encode()


def post(path: str, form: dict, cookie: str = "") -> bytes:
    return _post(path, cookie, "application/x-www-form-urlencoded", urlencode(form).encode())


def post_json(path: str, data: dict, cookie: str, token: str) -> bytes:
    """token: what proves that the session's own page sends it."""
    return _post(path, cookie, "application/json", json.dumps(data).encode(), f"X-CSRFToken: {token}\r\n")


def _post(path: str, cookie: str, kind: str, body: bytes, more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n{more}"
    return f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class Client:
    """One connection, opened again where the server closed it."""

    def __init__(self, port: int):
        self.port = port
        self.socket = self._connect()
        self.answer = b""
        self.sent_at = 0.0

    def _connect(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def send(self, request: bytes) -> None:
        self.answer = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int | None:
        """The status of a whole answer; None while more is to come."""
        part = self.socket.recv(262144)
        if not part:
            raise ConnectionError("the server closed the connection in the middle of an answer")
        self.answer += part
        head, separator, body = self.answer.partition(b"\r\n\r\n")
        if not separator:
            return None
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        bare = head[9:12] == b"304"  # which has no body
        complete = len(body) >= int(length) if length else bare or body.endswith(b"0\r\n\r\n")
        return int(head[9:12]) if complete else None


def measure(port: int, requests: Iterator[bytes], clients: int) -> Measured:
    """Send all requests, each client one after the other."""
    found = Measured()
    selector = selectors.DefaultSelector()
    opened = [Client(port) for _ in range(clients)]
    started = time.perf_counter()
    for client, request in zip(opened, requests, strict=False):
        selector.register(client.socket, selectors.EVENT_READ, client)
        client.send(request)
    while selector.get_map():
        for key, _events in selector.select():
            client = key.data
            status = client.receive()
            if status is None:
                continue
            found.latencies.append((time.perf_counter() - client.sent_at) * 1000)
            found.statuses[status] += 1
            following = next(requests, None)
            if following is None:
                selector.unregister(client.socket)
            else:
                client.send(following)
    found.seconds = time.perf_counter() - started
    for client in opened:
        client.socket.close()
    return found
