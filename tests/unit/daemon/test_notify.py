"""What systemd is told."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from boothlab.daemon.notify import Notifier

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_systemd_hears_that_the_daemon_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        notifier = Notifier()
        notifier.ready("Running: site")
        notifier.stopping()

        assert systemd.recv(100) == b"READY=1\nSTATUS=Running: site"
        assert systemd.recv(100) == b"STOPPING=1"


def test_children_cannot_speak_for_the_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "@abstract")
    Notifier().ready("nobody listens, and that is no error")

    assert "NOTIFY_SOCKET" not in os.environ
