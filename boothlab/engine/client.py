"""The way to the Docker engine: one place that connects, and says so when it cannot."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any, Final, Literal

import docker
from docker.context import ContextAPI
from docker.errors import DockerException

from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUEST_LIMIT_S: Final = 60
"""Seconds a single answer of the engine may take."""

LOCAL_SOCKET: Final = "unix:///var/run/docker.sock"
"""Where an engine listens when nobody chose another one."""

_POOL_SIZE: Final = 32  # one connection per thread of a bring-up; the SDK's ten would queue

Silence = Literal["missing", "refused", "denied", "other"]
"""Why nobody answered: no socket, nobody behind it, not for this user, or anything else."""


class EngineUnavailableError(BoothlabError):
    """No Docker engine answers; ``silence`` says why."""

    def __init__(self, message: str, *, remedy: str = "", silence: Silence = "other") -> None:
        super().__init__(message, remedy=remedy)
        self.silence = silence


def connect(*, limit_s: int = REQUEST_LIMIT_S) -> docker.DockerClient:
    """Return a client of the engine that DOCKER_HOST or docker's context names, or of the local one.

    Raises:
        EngineUnavailableError: nothing answers within ``limit_s`` seconds.
    """
    try:
        _knock(chosen_address() or LOCAL_SOCKET, limit_s)
        client = docker.from_env(timeout=limit_s, max_pool_size=_POOL_SIZE)
        client.ping()
    except (DockerException, OSError) as error:  # requests' errors are OSErrors
        raise _unavailable(error) from error
    return client


def _knock(address: str, limit_s: float) -> None:
    """Raise OSError when nobody is behind a Unix socket; the SDK would leave its own one open."""
    if address.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(limit_s)
            caller.connect("/" + address.removeprefix("unix://").lstrip("/"))


def chosen_address() -> str | None:
    """Return the engine address that the user chose, or None when it is the local default."""
    if host := os.environ.get("DOCKER_HOST"):
        return host
    try:
        context: Any = ContextAPI.get_context(os.environ.get("DOCKER_CONTEXT"))
    except DockerException:  # an unreadable context: connecting reports it
        return None
    if context is None or context.Name == "default":
        return None
    return str(context.Host)


_SILENCES: Final[tuple[tuple[type[OSError], Silence, str, str], ...]] = (
    (
        FileNotFoundError,
        "missing",
        "there is no such socket",
        "install Docker, or start it; `boothlab doctor` tells the command",
    ),
    (
        ConnectionRefusedError,
        "refused",
        "nobody listens there",
        "start Docker; `boothlab doctor` tells the command",
    ),
    (
        PermissionError,
        "denied",
        "this user may not use it",
        "run it as root (sudo), or once: sudo usermod -aG docker $USER, then log in again",
    ),
)


def _unavailable(error: Exception) -> EngineUnavailableError:
    chosen = chosen_address()
    silence, why, remedy = _classify(error)
    if chosen:
        remedy = f"DOCKER_HOST or docker's context names {chosen}: start the engine there, or unset it"
    return EngineUnavailableError(
        f"no Docker engine answers at {chosen or LOCAL_SOCKET}: {why}", remedy=remedy, silence=silence
    )


def _classify(error: Exception) -> tuple[Silence, str, str]:
    for cause in _causes(error):
        for kind, silence, why, remedy in _SILENCES:
            if isinstance(cause, kind):
                return silence, why, remedy
    return "other", str(error), "look at the engine's own log: journalctl -u docker"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what led to it: the SDK wraps the system's error three times."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
