"""Tells systemd that the daemon is ready (sd_notify(3)), where it wants to know."""

from __future__ import annotations

import contextlib
import os
import socket


class Notifier:
    """Speaks to the socket that NOTIFY_SOCKET names; without one it keeps silent.

    The variable is taken out of the environment: no child may speak for the daemon.
    """

    def __init__(self) -> None:
        address = os.environ.pop("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def ready(self, status: str) -> None:
        """Say that the daemon is up, and what it does."""
        self._send(f"READY=1\nSTATUS={status}")

    def stopping(self) -> None:
        """Say that the daemon ends."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address.startswith(("/", "\0")):
            return
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as channel,
        ):
            channel.connect(self._address)
            channel.send(message.encode())
