"""Base images: those that are there, else pulled, else made with debootstrap."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

import requests
from docker.errors import DockerException, NotFound

from boothlab.engine.client import connect
from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.images import debootstrap, store
from boothlab.engine.images.errors import BaseImageError

if TYPE_CHECKING:
    import docker

    from boothlab.engine.progress import Activity, Progress
    from boothlab.engine.topology.model import Distribution

PULL_SILENCE_LIMIT_S: Final = 20
"""Seconds a registry, or a pull under way, may say nothing."""


def names(distribution: Distribution) -> tuple[str, ...]:
    """Return the names a distribution's base image can have, by preference."""
    data = DISTRIBUTIONS[distribution]
    made = (debootstrap.tag(distribution),) if data.debootstrap_suite else ()
    return (*data.bases, *made)


class Bases:
    """Gets base images, each at most once, and does not ask a silent registry twice."""

    def __init__(self, client: docker.DockerClient, progress: Progress, *, renew: bool) -> None:
        self._client = client
        self._progress = progress
        self._renew = renew
        self._had: dict[Distribution, str] = {}
        self._unreachable = ""

    def get(self, distribution: Distribution) -> str:
        """Return the name of a base image that is on the engine now.

        Raises:
            BaseImageError: it can neither be pulled nor made.
        """
        if distribution not in self._had:
            self._had[distribution] = self._obtain(distribution)
        return self._had[distribution]

    def _obtain(self, distribution: Distribution) -> str:
        data = DISTRIBUTIONS[distribution]
        present = [name for name in names(distribution) if store.find(self._client, name)]
        if present and not self._renew:
            return present[0]
        refused = ""
        for name in data.bases:
            refused = self._pull(name)
            if not refused:
                return name
        if data.debootstrap_suite:
            self._progress.note(
                f"{data.bases[0]} cannot be pulled ({refused}): debootstrap makes a base image"
            )
            return debootstrap.make(self._client, distribution, data.debootstrap_suite, self._progress)
        if present:
            self._progress.note(f"{present[0]} stays as it is: it cannot be pulled ({refused})")
            return present[0]
        raise BaseImageError(
            f"{data.title} cannot be had: {data.bases[0]} is not here and cannot be pulled ({refused})",
            reason=f"{data.bases[0]} cannot be pulled: {refused}",
            remedy="let the engine reach a registry, load the image (docker load), "
            "or add debian12 to the topology's distribution",
        )

    def _pull(self, name: str) -> str:
        """Pull an image; return why it failed, or nothing. That it fails is no failure of the work."""
        if self._unreachable:
            return self._unreachable
        with self._progress.activity(name, "pull") as activity:
            try:
                self._follow_pull(name, activity)
            except NotFound:
                return "no registry has it"
            except (DockerException, requests.RequestException) as error:
                self._unreachable = _brief(error)
                activity.detail(self._unreachable)
                return self._unreachable
        return ""

    def _follow_pull(self, name: str, activity: Activity) -> None:
        repository, _, tag = name.rpartition(":")
        with closing(connect(limit_s=PULL_SILENCE_LIMIT_S)) as client:
            for event in client.api.pull(repository, tag=tag, stream=True, decode=True):
                if "error" in event:
                    raise DockerException(event["error"])
                activity.detail(f"{event.get('status', '')} {event.get('progress', '')}".strip())


def _brief(error: Exception) -> str:
    """Return the last and most telling part of an error of the engine."""
    if isinstance(error, requests.exceptions.Timeout | requests.exceptions.ConnectionError):
        return f"no answer within {PULL_SILENCE_LIMIT_S} s"
    text = str(getattr(error, "explanation", None) or error)
    return text.rsplit(": ", 1)[-1].strip()
