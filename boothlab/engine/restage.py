"""Giving a lab that is up other Booths and another booth.conf, in place.

What a lab is reset to is its known state; so that is what is changed, and then the lab
is reset. It takes a second in a lab without Pacemaker.
"""

from __future__ import annotations

import shlex
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from boothlab.engine import booth_conf, handlers, implementations, reset
from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.lab import Lab
from boothlab.engine.progress import SilentProgress
from boothlab.engine.snapshot import FOLDER
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from boothlab.engine.distributions import DistributionData
    from boothlab.engine.topology.model import Topology

_EMPTY_LOGS: Final = (
    "for log in /var/log/booth.log /var/log/crm_ticket.log; do test ! -e $log || : > $log; done"
)


class RestageError(BoothlabError):
    """A lab cannot be given another topology without building it anew."""


def restage(lab: Lab, topology: Topology, *, grant: bool = False) -> Lab:
    """Return the lab as the lab of another topology, which differs in Booth alone.

    Nobody remembers a ticket afterwards, and logs of Booth's own are empty.

    Args:
        lab: a lab that is up, used or not.
        topology: what it shall be: other implementations, another booth.conf.
        grant: grant the tickets as the topology says.

    Raises:
        RestageError: networks, nodes or resources differ.
        BoothlabError: it could not be done, or Booth does not start; `boothlab up --rebuild` mends it.
    """
    if fixed(topology) != fixed(lab.topology):
        raise RestageError(
            f"the lab {lab.name} has other networks, nodes or resources than the topology {topology.name}",
            remedy=f"`boothlab down --lab {lab.name}`, then bring the other one up",
        )
    staged = Lab(lab.runtime, topology.model_copy(update={"name": lab.name}))
    data = _distribution(lab)
    files = implementations.files(staged.topology, data)
    conf = booth_conf.render(staged.topology, data.booth_globals)
    by_node = implementations.by_node(staged.topology)

    def prepare(node: str) -> None:
        lab.runtime.start(node)
        own = [file for file in files[node] if not file.path.startswith(f"{implementations.IN_PLACE}/")]
        lab.runtime.put_once(node, own)
        lab.runtime.put(node, handlers.files())
        _run(lab, node, _script(staged.topology, conf, by_node[node]))

    with ThreadPoolExecutor() as pool:
        list(pool.map(prepare, lab.nodes))
    reset.reset(staged, SilentProgress(), grant=grant)
    return staged


def fixed(topology: Topology) -> tuple[object, ...]:
    """Return what only a new bring-up can change; topologies that agree in it can have each other's lab."""
    sites = tuple((site.name, site.network, site.address, site.nodes) for site in topology.sites)
    arbitrators = tuple((each.name, each.network, each.address, each.node) for each in topology.arbitrators)
    hanging = tuple((name, each.resources, each.loss_policy) for name, each in topology.tickets.items())
    pacemaker = (topology.resources, hanging) if topology.cluster == "pacemaker" else ()
    images = _images(topology)
    return topology.cluster, topology.networks, sites, arbitrators, topology.booth.name, images, *pacemaker


def _images(topology: Topology) -> tuple[str | None, ...]:
    """Return the image of its own that each member's implementation brings; None where it brings none."""
    definitions = topology.implementations
    found = (definitions.get(member.implementation) for member in topology.members)
    return tuple(each.image if each else None for each in found)


def _distribution(lab: Lab) -> DistributionData:
    """Return what the lab's nodes were made of: the choice that was there, or the one that fits."""
    choices = [DISTRIBUTIONS[each] for each in lab.topology.distribution]
    if len(choices) == 1:
        return choices[0]
    release = _run(lab, lab.nodes[0], '. /etc/os-release; echo "$ID${VERSION_ID%%.*}"').strip()
    found = {name: each for name, each in DISTRIBUTIONS.items() if name == release}
    return next(iter(found.values()), choices[0])


def _script(topology: Topology, conf: str, implementation: str) -> str:
    """Return shell text that makes this configuration and implementation a node's known state."""
    home = f"{implementations.FOLDER}/{implementation}"
    links = " ".join(f"{home}/{each}" for each in implementations.PROGRAMS)
    path = booth_conf.conf_path(topology).rpartition("/")[2]
    known = (
        f"mkdir -p {FOLDER}/programs && ln -sfn {links} {FOLDER}/programs/ && "
        f"printf %s {shlex.quote(conf)} > {FOLDER}/booth/{path}"
    )
    return f"{known} && {_EMPTY_LOGS}"


def _run(lab: Lab, node: str, script: str) -> str:
    answer = lab.run(node, script, limit_s=30)
    if not answer.ok:
        raise RestageError(
            f"{node} cannot be given another Booth: {answer.output}",
            remedy="`boothlab up --rebuild` mends it",
        )
    return answer.stdout
