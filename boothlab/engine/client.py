"""The way to the Docker engine: one place that connects, and says so when it cannot."""

from __future__ import annotations

from typing import Final

import docker
from docker.errors import DockerException

from boothlab.errors import BoothlabError

REQUEST_LIMIT_S: Final = 60
"""Seconds a single answer of the engine may take."""

_POOL_SIZE: Final = 32  # one connection per thread of a bring-up; the SDK's ten would queue


class EngineUnavailableError(BoothlabError):
    """No Docker engine answers."""


def connect(*, limit_s: int = REQUEST_LIMIT_S) -> docker.DockerClient:
    """Return a client of the engine that DOCKER_HOST names, or of the local one.

    Raises:
        EngineUnavailableError: nothing answers within ``limit_s`` seconds.
    """
    try:
        client = docker.from_env(timeout=limit_s, max_pool_size=_POOL_SIZE)
        client.ping()
    except DockerException as error:
        raise EngineUnavailableError(
            f"no Docker engine answers ({error})",
            remedy="start it (systemctl start docker), or install it; `boothlab doctor` tells what is missing",
        ) from error
    return client
