"""Reading what a command in a node prints."""

from __future__ import annotations

import json
import socket
from threading import Thread
from typing import TYPE_CHECKING

import docker
import pytest

from boothlab.engine.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"


def frame(number: int, text: bytes) -> bytes:
    return bytes([number, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


def reply(data: object) -> bytes:
    body = json.dumps(data).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[str]:
    """Return the address of an engine whose answer and first output arrive together."""
    path = tmp_path / "engine.sock"
    said = {
        "/exec": reply({"Id": "7"}),
        "/start": _UPGRADED + frame(1, b"first\n") + frame(2, b"oh\n") + frame(1, b"last\n"),
        "/json": reply({"ExitCode": 0}),
    }
    with socket.create_server(str(path), family=socket.AF_UNIX) as server:

        def serve() -> None:
            for _ in said:
                connection, _address = server.accept()
                with connection:
                    first, *_ = connection.recv(1 << 16).split(b"\r\n", 1)
                    asked = first.split()[1].decode()
                    connection.sendall(next(text for end, text in said.items() if asked.endswith(end)))

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"unix://{path}"
        thread.join(10)


def test_output_that_comes_with_the_engines_answer_is_not_lost(engine: str) -> None:
    client = docker.DockerClient(base_url=engine, version="1.41", timeout=10)

    answer = Runtime(client, "lab").run("node", ["true"], limit_s=5)

    client.close()
    assert (answer.stdout, answer.stderr) == ("first\nlast\n", "oh\n")
