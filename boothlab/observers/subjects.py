"""Who observes what, under which name, and the names of what is observed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from boothlab.engine.parsers.booth import site_id
from boothlab.history.header import Observer

if TYPE_CHECKING:
    from boothlab.engine.topology.model import Topology

LIST_MS: Final = 150
"""How often a member is asked for its tickets, in milliseconds."""
PEERS_MS: Final = 1_000
"""How often it is asked for its counters."""


def booth_at(member: str) -> str:
    """Return the name of who asks a member's daemon."""
    return f"booth@{member}"


def cib_at(site: str) -> str:
    """Return the name of who watches a site's CIB."""
    return f"cib@{site}"


def resources_at(site: str) -> str:
    """Return the name of who watches a site's resources."""
    return f"resources@{site}"


def observers_of(topology: Topology) -> tuple[Observer, ...]:
    """Return who will observe a lab of this topology."""
    booths = [Observer(booth_at(each.name), LIST_MS) for each in topology.members]
    cibs = [Observer(cib_at(site.name)) for site in topology.sites]
    sites = topology.sites if topology.cluster == "pacemaker" and topology.resources else ()
    resources = [Observer(resources_at(site.name)) for site in sites]
    return (*booths, *cibs, *resources)


@dataclass(frozen=True)
class Names:
    """Members by their addresses and numbers, and by their nodes."""

    topology: Topology

    @cached_property
    def by_address(self) -> dict[str, str]:
        """Return members' names by address."""
        return {str(each.address): each.name for each in self.topology.members}

    @cached_property
    def by_number(self) -> dict[int, str]:
        """Return members' names by the number that Booth knows them by."""
        return {site_id(address): name for address, name in self.by_address.items()}

    @cached_property
    def by_node(self) -> dict[str, str]:
        """Return the member that each node belongs to, by host name."""
        found = {node: site.name for site in self.topology.sites for node in site.nodes}
        return found | {each.node_name: each.name for each in self.topology.arbitrators}

    @cached_property
    def sites(self) -> frozenset[str]:
        """Return the names of the members that can hold tickets."""
        return frozenset(site.name for site in self.topology.sites)

    def leader(self, address: str | None) -> str | None:
        """Return who is meant by an address; an unknown one as it is."""
        return self.by_address.get(address, address) if address else None

    def owner(self, number: int | None) -> str | None:
        """Return who is meant by a CIB's ``owner``; None for nobody, an unknown number as text."""
        if number is None or number <= 0 or number == _NOBODY:
            return None
        return self.by_number.get(number, str(number))


_NOBODY: Final = 0xFFFFFFFF
