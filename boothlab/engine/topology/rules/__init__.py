"""What must hold between the fields of a topology. Pure: a topology in, problems out.

Rules of ``PART`` hold for each part of a topology, also while other parts are
missing because of other mistakes. Rules of ``WHOLE`` count members or look up
names, and are only right about a complete topology.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from boothlab.engine.topology.rules import (
    addresses,
    implementations,
    members,
    names,
    networks,
    provisioning,
    resources,
    texts,
    tickets,
    times,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boothlab.engine.topology.model import Topology
    from boothlab.engine.topology.problems import Problem

    Rule = Callable[[Topology], Iterator[Problem]]

PART: Final[tuple[Rule, ...]] = (
    *names.PART,
    *members.PART,
    *networks.PART,
    *addresses.PART,
    *times.PART,
    *texts.PART,
    *provisioning.PART,
    *implementations.PART,
)
WHOLE: Final[tuple[Rule, ...]] = (
    *members.WHOLE,
    *networks.WHOLE,
    *resources.WHOLE,
    *tickets.WHOLE,
    *implementations.WHOLE,
)


def check(topology: Topology) -> Iterator[Problem]:
    """Yield everything that is wrong or doubtful in a topology."""
    return chain.from_iterable(rule(topology) for rule in (*PART, *WHOLE))


def check_part(topology: Topology) -> Iterator[Problem]:
    """Yield what is wrong in a topology of which parts are missing."""
    return chain.from_iterable(rule(topology) for rule in PART)
