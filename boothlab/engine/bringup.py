"""Bringing a lab up: from a topology to a service that answers.

A lab is either ready or it is rubbish: what a failed, interrupted or killed bring-up
left is removed by the next one, never patched.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

from boothlab.engine import images, implementations, preflight, snapshot, transcript
from boothlab.engine.carry_out import Clock, Stepper
from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.images import vendors
from boothlab.engine.lab import Lab, running_labs
from boothlab.engine.lock import exclusive
from boothlab.engine.plan import plan
from boothlab.engine.provision import article, direct, standalone
from boothlab.engine.runtime import Runtime
from boothlab.engine.topology.changes import differences
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import docker

    from boothlab.engine.distributions import DistributionData
    from boothlab.engine.files import File
    from boothlab.engine.images import ImageSet
    from boothlab.engine.progress import Progress
    from boothlab.engine.steps import Step
    from boothlab.engine.topology.model import Distribution, Topology

T = TypeVar("T")

_AT_ONCE: Final = 8
"""Calls of the engine at the same time."""


class TopologyChangedError(BoothlabError):
    """The lab that is up was built from another topology."""


def up(
    client: docker.DockerClient,
    topology: Topology,
    progress: Progress,
    *,
    rebuild: bool = False,
    labels: Mapping[str, str] | None = None,
) -> Lab:
    """Return the lab of a topology: attach to it when it is up, else build it.

    Args:
        client: the engine.
        topology: what to build.
        progress: who is told.
        rebuild: remove a lab that is up and build it anew.
        labels: put on everything that is created, beside the lab's own labels.

    Raises:
        TopologyChangedError: it is up, from another topology, and ``rebuild`` is off.
        PreflightError: this host cannot carry the lab; nothing was created.
        StepFailedError: a step failed; the lab is left for inspection.
        BoothlabError: images, networks or containers could not be made.
    """
    with exclusive(topology.name):
        if not rebuild and (there := _attach(client, topology, progress)) is not None:
            return there
        return _Build(client, topology, progress, labels or {}).run()


def _attach(client: docker.DockerClient, topology: Topology, progress: Progress) -> Lab | None:
    """Return the lab if it is up and ready; None when it must be built."""
    built_from = running_labs(client).get(topology.name)
    if built_from is None:
        return None
    lab = Lab(Runtime(client, topology.name), built_from)
    states = lab.runtime.states()
    if not lab.is_ready() or not states.keys() >= set(lab.nodes):
        progress.note("what is there of the lab is not whole: it is removed and built anew")
        return None
    if changed := differences(built_from, topology):
        listed = "\n".join(f"    {line}" for line in changed)
        raise TopologyChangedError(
            f"lab {topology.name} is up, but its topology has changed since:\n{listed}",
            remedy="`boothlab up --rebuild` builds it anew; `boothlab status` shows the one that is up",
        )
    progress.note(f"lab {topology.name} is up already")
    if stopped := [node for node in lab.nodes if states[node] != "running"]:
        progress.note(f"{', '.join(stopped)} do not run: `boothlab reset` brings them back")
    return lab


class _Build:
    """One bring-up, from nothing."""

    def __init__(
        self,
        client: docker.DockerClient,
        topology: Topology,
        progress: Progress,
        labels: Mapping[str, str],
    ) -> None:
        self.client = client
        self.labels = labels
        self.topology = topology
        self.progress = progress
        self.clock = Clock()
        self.started_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.runtime = Runtime(client, topology.name)
        self.stepper = Stepper(self.runtime, progress, self.clock)
        self.steps: list[Step] = []
        self.distribution: Distribution | None = None

    def run(self) -> Lab:
        """Build the lab; keep the transcript however it ends."""
        complete = False
        try:
            self._prepare()
            lab = self._provision()
            complete = True
        except KeyboardInterrupt:
            self.progress.note("interrupted: what was built is removed")
            self.runtime.cancel()
            self.runtime.remove_all()
            raise
        finally:
            transcript.save(self._transcript(complete=complete))
        return lab

    def _prepare(self) -> None:
        with self.clock.phase("remove what was there"):
            self.runtime.remove_all()
        with self.clock.phase("check the host"):
            preflight.require(self.client, self.topology)
        with self.clock.phase("images"):
            image_set = images.resolve(self.client, self.topology, self.progress)
            vendors.require(self.client, self.topology, base=image_set.node)
        self.distribution = image_set.distribution
        self._create(image_set)

    def _create(self, image_set: ImageSet) -> None:
        """Create networks and containers and start them with their files inside."""
        distribution = DISTRIBUTIONS[image_set.distribution]
        files = implementations.files(self.topology, distribution)
        configuration, self.steps = self._provisioning(distribution)
        wanted = plan(
            self.topology, node_image=image_set.node, router_image=image_set.router, labels=self.labels
        )
        with self.clock.phase("networks"), self.progress.activity("networks", "create"):
            # One after the other: the engine serialises its firewall changes anyway.
            for network in wanted.networks:
                self.runtime.create_network(network)
        with self.clock.phase("create containers"), self.progress.activity("nodes", "create"):
            _each(self.runtime.create_container, wanted.containers)
            _each(lambda node: self.runtime.put(node, files[node] + configuration.get(node, [])), files)
        with self.clock.phase("start containers"), self.progress.activity("nodes", "start"):
            _each(self.runtime.start, [each.node for each in wanted.containers])
            self.runtime.require_running()

    def _provisioning(self, distribution: DistributionData) -> tuple[dict[str, list[File]], list[Step]]:
        """Return the files each node gets and the steps that follow its start."""
        topology = self.topology
        if topology.cluster == "standalone":
            return standalone.files(topology), standalone.steps(topology)
        if topology.provision == "pcs":
            return article.files(topology, distribution), article.steps(topology, distribution)
        return direct.files(topology, distribution), direct.steps(topology)

    def _provision(self) -> Lab:
        with self.clock.phase("provision"):
            self.stepper.run_all(self.steps)
        lab = Lab(self.runtime, self.topology)
        with self.clock.phase("remember the known state"):
            snapshot.take(lab)
            lab.mark_ready()
        return lab

    def _transcript(self, *, complete: bool) -> transcript.Transcript:
        topology = self.topology
        return transcript.Transcript(
            lab=topology.name,
            distribution=self.distribution or "",
            provision=topology.provision if topology.cluster == "pacemaker" else topology.cluster,
            started_at=self.started_at,
            phases=tuple(self.clock.phases),
            records=self.stepper.kept(self.steps),
            complete=complete,
        )


def _each(do: Callable[[T], None], things: Iterable[T]) -> None:
    """Do something with each thing, several at once; the first error is raised."""
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        list(pool.map(do, things))
