"""A lab that is there: what can be asked of it and done with it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from boothlab.engine import names
from boothlab.engine.files import File
from boothlab.engine.runtime import NodeUnreachableError, Runtime
from boothlab.engine.status import assemble, questions
from boothlab.engine.topology.changes import parse
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import docker

    from boothlab.engine.runtime import Answer
    from boothlab.engine.status import LabStatus
    from boothlab.engine.topology.model import Topology

READY: Final = "/var/lib/boothlab/ready"
"""In the router, put there when a bring-up has succeeded."""

_ASK_LIMIT_S: Final = 20.0
"""Seconds in which a node must have answered what its status is."""


class NoLabError(BoothlabError):
    """There is no such lab, or several to choose from."""


class Lab:
    """One lab on an engine, found by its labels.

    Its topology is the one it was built from, read back from the router's label.
    """

    def __init__(self, runtime: Runtime, topology: Topology) -> None:
        self.runtime = runtime
        self.topology = topology

    @property
    def name(self) -> str:
        """The lab's name."""
        return self.topology.name

    @property
    def nodes(self) -> tuple[str, ...]:
        """Host names of the nodes, without the router."""
        return tuple(self.topology.hosts())

    def run(self, node: str, command: str | Sequence[str], *, limit_s: float = 60) -> Answer:
        """Run a command in a node or the router; see ``Runtime.run``."""
        return self.runtime.run(node, command, limit_s=limit_s)

    def is_ready(self) -> bool:
        """Return whether its bring-up came to a good end."""
        try:
            return self.runtime.run(names.ROUTER, ["test", "-e", READY], limit_s=5).ok
        except NodeUnreachableError:
            return False

    def mark_ready(self) -> None:
        """Remember that its bring-up came to a good end, in the lab itself."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ\n", time.gmtime())
        self.runtime.put(names.ROUTER, [File(READY, stamp)])

    def status(self) -> LabStatus:
        """Ask every node once, all at the same time, and return what they say.

        A node that does not answer is no error here: the status says so.
        """
        states = self.runtime.states()
        scripts = {
            node: script for node, script in questions(self.topology).items() if states.get(node) == "running"
        }
        with ThreadPoolExecutor() as pool:
            answers = dict(zip(scripts, pool.map(self._ask, scripts, scripts.values()), strict=True))
        return assemble(self.topology, answers, states)

    def _ask(self, node: str, script: str) -> str | None:
        try:
            return self.run(node, script, limit_s=_ASK_LIMIT_S).stdout
        except NodeUnreachableError:
            return None


def running_labs(client: docker.DockerClient) -> dict[str, Topology]:
    """Return the topologies of all labs on the engine, whole or half-built, by lab name.

    A lab whose router is gone is not listed; ``Runtime.remove_all`` still finds its parts.
    """
    return {labels[names.LABEL_LAB]: parse(labels[names.LABEL_TOPOLOGY]) for labels in _routers(client)}


def purposes(client: docker.DockerClient) -> dict[str, str]:
    """Return what the labs on the engine were brought up for, by lab name; for people: nothing."""
    return {labels[names.LABEL_LAB]: labels.get(names.LABEL_PURPOSE, "") for labels in _routers(client)}


def _routers(client: docker.DockerClient) -> list[dict[str, str]]:
    """Return the labels of all labs' routers."""
    found = client.containers.list(
        all=True, filters={"label": f"{names.LABEL_ROLE}=router"}, ignore_removed=True
    )
    return [each.labels for each in found]


def find(client: docker.DockerClient, name: str | None = None) -> Lab:
    """Return the lab of this name, or the only one there is.

    Raises:
        NoLabError: there is none, or no name was given and there are several.
    """
    labs = running_labs(client)
    if name is None and len(labs) == 1:
        name = next(iter(labs))
    if name in labs:
        return Lab(Runtime(client, name), labs[name])
    if name is None and labs:
        raise NoLabError(f"there are several labs: {', '.join(labs)}", remedy="choose one with --lab NAME")
    there = f"there is {', '.join(labs)}" if labs else "there is none at all"
    raise NoLabError(
        f"no lab {name or ''} is up; {there}".replace("  ", " "), remedy="start one with `boothlab up`"
    )
