"""A configuration whose site is a server on loopback, and the program that asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from unit.daemon.client.server import Booth, Said, Server

from boothlab.daemon.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SITE = "127.0.0.1"


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def conf(tmp_path: Path, server: Server) -> Path:
    """Write a configuration of two sites and an arbitrator on loopback, with two tickets."""
    path = tmp_path / "booth.conf"
    path.write_text(
        f"port = {server.port}\nsite = {SITE}\nsite = 127.0.0.2\narbitrator = 127.0.0.3\n"
        "ticket = T\nticket = U\n"
    )
    return path


@pytest.fixture
def booth(conf: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> Booth:
    """Run a command line against the server; return what it says."""

    def call(line: str) -> Said:
        with server:
            code = run([*line.split(), "-c", str(conf)], {})
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call
