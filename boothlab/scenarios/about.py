"""What a history of a lab says about itself: its header."""

from __future__ import annotations

import platform
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boothlab
from boothlab.core.config.model import Role
from boothlab.core.config.parse import parse
from boothlab.engine import booth_conf
from boothlab.engine.topology.model import Site
from boothlab.errors import BoothlabError
from boothlab.faults.places import nodes
from boothlab.history.header import Header, Member, Ticket
from boothlab.observers import observers_of

if TYPE_CHECKING:
    from boothlab.engine.lab import Lab
    from boothlab.engine.topology.model import Topology


def header_of(lab: Lab, *, scenario: str = "", run: str = "", seed: int = 0) -> Header:
    """Return the header of a history that begins now on a lab; its clock is CLOCK_MONOTONIC.

    Args:
        lab: the lab, its topology as it is now.
        scenario: what is played.
        run: the run's name.
        seed: what every random choice of the run is drawn from.
    """
    topology = lab.topology
    with ThreadPoolExecutor() as pool:
        told = pool.map(lambda each: version_of(lab, each.name), topology.members)
        versions = {each.name: version for each, version in zip(topology.members, told, strict=True)}
    return Header(
        testbed=topology.cluster,
        topology=topology.name,
        members=tuple(
            Member(
                name=each.name,
                role=Role.SITE if isinstance(each, Site) else Role.ARBITRATOR,
                address=str(each.address),
                subject=each.implementation,
                version=versions[each.name],
                nodes=nodes(topology, each.name),
            )
            for each in topology.members
        ),
        tickets=tickets_of(topology),
        clock="CLOCK_MONOTONIC",
        started_ns=time.monotonic_ns(),
        started_utc=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        observers=observers_of(topology),
        seed=seed,
        scenario=scenario,
        run=run,
        authenticated=topology.booth.authentication,
        versions={"boothlab": boothlab.__version__, "python": platform.python_version()},
        kernel=platform.release(),
        impairment="router",
    )


def tickets_of(topology: Topology) -> tuple[Ticket, ...]:
    """Return the tickets as booth.conf has them, with the resources that hang on each."""
    config = parse(booth_conf.render(topology), path=booth_conf.conf_path(topology))
    return tuple(
        Ticket.of(
            each,
            resources=_resources(topology, each.name) if topology.cluster == "pacemaker" else (),
            loss_policy=topology.tickets[each.name].loss_policy or "stop",
        )
        for each in config.tickets
    )


def _resources(topology: Topology, ticket: str) -> tuple[str, ...]:
    """Return the resources that may run only where a ticket is granted, group by group."""
    groups = topology.tickets[ticket].resources
    return tuple(each.name for group in groups for each in topology.resources[group])


def version_of(lab: Lab, member: str) -> str:
    """Return what a member's Booth says its version is; empty when it says nothing."""
    try:
        answer = lab.run(nodes(lab.topology, member)[0], ["boothd", "--version"], limit_s=10)
    except BoothlabError:
        return ""
    return answer.output.splitlines()[0].strip() if answer.ok and answer.output else ""
