"""The one adapter to the container engine: what a lab needs of Docker, and no more.

Methods may be called from several threads. Everything created carries the lab's
labels; everything removed is found by them.
"""

from __future__ import annotations

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from docker.errors import APIError, NotFound
from docker.types import IPAMConfig, IPAMPool

from boothlab.engine import names
from boothlab.engine.files import archive
from boothlab.engine.stream import Frames, NodeUnreachableError, Stream, read_ahead
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable, Sequence

    import docker
    from docker.models.containers import Container
    from docker.models.networks import Network

    from boothlab.engine.files import File
    from boothlab.engine.plan import ContainerPlan, NetworkPlan

_MARGIN_S: Final = 5.0
"""How much longer than a command's own limit to wait for the engine's answer, in seconds."""

_CANCEL_CHECK_S: Final = 0.2
"""How soon a cancelled ``run`` notices, in seconds."""

_CHUNK_BYTES: Final = 1 << 16
_STDERR: Final = 2


__all__ = ["Answer", "NodeUnreachableError", "Runtime", "RuntimeFailedError", "remove_container"]


class RuntimeFailedError(BoothlabError):
    """The container engine refused or did not answer."""


@dataclass(frozen=True)
class Answer:
    """What a command in a node said."""

    exit_code: int
    """124: it was ended at its limit."""
    stdout: str
    stderr: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.exit_code == 0

    @property
    def output(self) -> str:
        """Both streams, standard output first, as one text without outer blank lines."""
        return "\n".join(part.rstrip() for part in (self.stdout, self.stderr) if part.strip())


class Runtime:
    """The container engine, as one lab sees it."""

    def __init__(self, client: docker.DockerClient, lab: str) -> None:
        self.client = client
        self.lab = lab
        self._filter: dict[str, str | list[str] | bool] = {"label": f"{names.LABEL_LAB}={lab}"}
        self._cancelled = threading.Event()
        self._was_put: set[tuple[str | None, str]] = set()

    def cancel(self) -> None:
        """Make every ``run`` that is going on, in whatever thread, give up at once."""
        self._cancelled.set()

    # creating

    def create_network(self, plan: NetworkPlan) -> None:
        """Create a network of the lab.

        Raises:
            RuntimeFailedError: the engine refused, e.g. because the subnet is in use.
        """
        try:
            self.client.networks.create(
                names.network_name(self.lab, plan.name),
                driver="bridge",
                options=plan.options,
                ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(plan.subnet))]),
                labels=dict(plan.labels),
            )
        except APIError as error:
            raise RuntimeFailedError(
                f"network {plan.name} ({plan.subnet}) cannot be created: {error.explanation}",
                remedy="`boothlab doctor` tells who uses the subnet; change it in the topology or free it",
            ) from error

    def create_container(self, plan: ContainerPlan) -> None:
        """Create a container, connected to its networks, not started.

        Raises:
            RuntimeFailedError: the engine refused.
        """
        first, *others = plan.addresses.items()
        try:
            container = self.client.containers.create(
                plan.image,
                name=names.container_name(self.lab, plan.node),
                hostname=plan.node,
                detach=True,
                labels=dict(plan.labels),
                environment={"BOOTHLAB_GATEWAY": str(plan.gateway or "")},
                network=names.network_name(self.lab, first[0]),
                networking_config=self._endpoint(*first),
                extra_hosts=dict(plan.hosts),
                cap_drop=["ALL"],
                cap_add=[*BASE_CAPABILITIES, *plan.capabilities],
                security_opt=["seccomp=unconfined", "apparmor=unconfined"],
                sysctls=dict(plan.sysctls),
                **(_SYSTEMD_OPTIONS if plan.systemd else {"tmpfs": dict(plan.volatile)}),
            )
            for network, address in others:
                self.client.networks.get(names.network_name(self.lab, network)).connect(
                    container, ipv4_address=str(address)
                )
        except APIError as error:
            raise RuntimeFailedError(
                f"node {plan.node} cannot be created: {error.explanation}",
                remedy="`boothlab doctor` checks the engine; `boothlab down` removes what there is",
            ) from error

    def _endpoint(self, network: str, address: object) -> dict[str, Any]:
        api = self.client.api
        return {
            names.network_name(self.lab, network): api.create_endpoint_config(ipv4_address=str(address)),
        }

    # finding

    def containers(self) -> dict[str, Container]:
        """Return the lab's containers by host name, running or not."""
        found = self.client.containers.list(all=True, filters=self._filter, ignore_removed=True)
        return {each.labels[names.LABEL_NODE]: each for each in found}

    def states(self) -> dict[str, str]:
        """Return the engine's word for each container's state by host name, e.g. ``running``."""
        return {node: container.status for node, container in self.containers().items()}

    def _container(self, node: str) -> Container:
        try:
            return self.client.containers.get(names.container_name(self.lab, node))
        except NotFound:
            known = ", ".join(sorted(self.containers())) or "none; `boothlab up` first"
            raise NodeUnreachableError(
                f"lab {self.lab} has no node {node}", remedy=f"its nodes are: {known}"
            ) from None

    # running

    def start(self, node: str) -> None:
        """Start a node's container, or let it go on when it is paused.

        Raises:
            NodeUnreachableError: there is none.
            RuntimeFailedError: the engine could not start it.
        """
        container = self._container(node)
        try:
            if container.status == "paused":
                container.unpause()
            container.start()
        except APIError as error:
            raise RuntimeFailedError(
                f"node {node} does not start: {error.explanation}",
                remedy=f"look at `docker logs {container.name}`",
            ) from error

    def kill(self, node: str) -> None:
        """Take a node's power away; fine when it does not run.

        Raises:
            NodeUnreachableError: there is none.
            RuntimeFailedError: the engine could not.
        """
        container = self._container(node)
        if container.status == "running":
            self._let(node, "killed", container.kill)

    def pause(self, node: str) -> None:
        """Freeze all of a node's processes; ``start`` lets them go on.

        Raises:
            NodeUnreachableError: there is none.
            RuntimeFailedError: the engine could not, e.g. because the node does not run.
        """
        container = self._container(node)
        if container.status != "paused":
            self._let(node, "paused", container.pause)

    def _let(self, node: str, become: str, change: Callable[[], object]) -> None:
        try:
            change()
        except APIError as error:
            raise RuntimeFailedError(
                f"node {node} cannot be {become}: {error.explanation}",
                remedy="`boothlab status` shows which nodes run; `boothlab doctor` what this host can do",
            ) from error

    def require_running(self) -> None:
        """Check that every container of the lab still runs.

        Raises:
            RuntimeFailedError: some ended; with the end of what they printed.
        """
        ended = [each for each in self.containers().values() if each.status != "running"]
        if ended:
            printed = "\n".join(
                f"{each.name}: {each.logs(tail=10).decode(errors='replace').strip()}" for each in ended
            )
            raise RuntimeFailedError(
                f"containers ended right after their start:\n{printed}",
                remedy="`boothlab doctor` tells what this host cannot give them",
            )

    def put(self, node: str, files: Iterable[File]) -> None:
        """Put files into a node, running or not.

        Raises:
            NodeUnreachableError: there is none.
        """
        self._container(node).put_archive("/", archive(files))

    def put_once(self, node: str, files: Iterable[File]) -> None:
        """Put files that nobody changes there into a node, unless just these were put there before.

        Raises:
            NodeUnreachableError: there is none.
        """
        container, content = self._container(node), archive(files)
        what = (container.id, hashlib.sha256(content).hexdigest())
        if what not in self._was_put:
            container.put_archive("/", content)
            self._was_put.add(what)

    def run(self, node: str, command: str | Sequence[str], *, limit_s: float = 60) -> Answer:
        """Run a command in a node: an argument list, or text for its shell.

        The node itself ends the command ``limit_s`` seconds after its start (exit
        code 124); a node that does not even answer is given up shortly after.

        Raises:
            NodeUnreachableError: the node does not run or does not answer.
        """
        argv = ["sh", "-c", command] if isinstance(command, str) else list(command)
        began = time.monotonic()
        api = self.client.api
        name = names.container_name(self.lab, node)
        try:
            handle = api.exec_create(name, ["timeout", "-k", "1", f"{limit_s:g}", *argv])["Id"]
            stdout, stderr = self._read(api.exec_start(handle, socket=True), limit_s + _MARGIN_S)
            exit_code = api.exec_inspect(handle)["ExitCode"]
        except (APIError, OSError) as error:
            raise NodeUnreachableError(
                f"node {node} does not answer: {error}",
                remedy="`boothlab status` shows which nodes run; `boothlab reset` starts them again",
            ) from error
        return Answer(int(exit_code or 0), stdout, stderr, time.monotonic() - began)

    def stream(self, node: str, command: str | Sequence[str]) -> Stream:
        """Run a command in a node, as ``run`` does, and read its lines while it runs.

        Raises:
            NodeUnreachableError: the node does not run or does not answer.
        """
        argv = ["sh", "-c", command] if isinstance(command, str) else list(command)
        return Stream(self.client.api, names.container_name(self.lab, node), argv)

    def _read(self, stream: Any, limit_s: float) -> tuple[str, str]:  # noqa: ANN401 - one of many types
        """Read both streams of an exec until they end; at most ``limit_s`` seconds.

        The SDK's own reader waits for ever, so the frames are taken apart here.
        """
        raw: socket.socket = getattr(stream, "_sock", stream)
        deadline = time.monotonic() + limit_s
        parts: dict[int, bytearray] = {1: bytearray(), _STDERR: bytearray()}
        frames = Frames()
        try:
            data = read_ahead(stream, raw) or self._receive(raw, deadline)
            while data:
                for number, payload in frames.feed(data):
                    parts[_STDERR if number == _STDERR else 1] += payload
                data = self._receive(raw, deadline)
        finally:
            stream.close()
            raw.close()
        return parts[1].decode(errors="replace"), parts[_STDERR].decode(errors="replace")

    def _receive(self, raw: socket.socket, deadline: float) -> bytes:
        """Receive some bytes, or nothing when the other side has closed.

        Raises:
            TimeoutError: the deadline (monotonic seconds) passed first.
            InterruptedError: the runtime was cancelled.
        """
        while True:
            if self._cancelled.is_set():
                raise InterruptedError("given up")
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("no answer in time")
            raw.settimeout(min(left_s, _CANCEL_CHECK_S))
            with suppress(TimeoutError):
                return raw.recv(_CHUNK_BYTES)

    # removing

    def remove_all(self) -> tuple[str, ...]:
        """Remove everything that carries the lab's label; return what was removed.

        Safe to call at any time, also when half of it is gone already.

        Raises:
            RuntimeFailedError: the engine refused, e.g. because something of another
                owner was connected to a network of the lab.
        """
        containers = self.client.containers.list(all=True, filters=self._filter, ignore_removed=True)
        try:
            with ThreadPoolExecutor() as pool:
                list(pool.map(remove_container, containers))
            networks = self.client.networks.list(filters=self._filter)
            for network in networks:
                _remove_network(network)
        except APIError as error:
            raise RuntimeFailedError(
                f"lab {self.lab} cannot be removed: {error.explanation}",
                remedy="remove what is named there, then `boothlab down` again",
            ) from error
        return (*(each.name or "" for each in containers), *(each.name or "" for each in networks))


BASE_CAPABILITIES: Final = (
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
    "AUDIT_WRITE",
)
"""Docker's default set without NET_RAW, written out so that every engine gives the same."""

_SYSTEMD_OPTIONS: Final[dict[str, Any]] = {
    "cgroupns": "private",
    "tmpfs": {"/run": "", "/run/lock": "", "/tmp": ""},  # noqa: S108 - inside the container
    "shm_size": "256m",  # Corosync's and libqb's ring buffers
    "stop_signal": "SIGRTMIN+3",
}


def remove_container(container: Container) -> None:
    """Remove a container, running or not; fine when it is gone or going already.

    Raises:
        APIError: the engine refused for another reason.
    """
    try:
        container.remove(force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        if error.status_code != 409:  # noqa: PLR2004 - "removal is already in progress"
            raise


def _remove_network(network: Network) -> None:
    with suppress(NotFound):
        network.remove()
