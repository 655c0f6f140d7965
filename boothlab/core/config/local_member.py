"""Which member are we, and which one is meant: by this host's addresses, or by name."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from boothlab.core.config.model import Config, MemberConfig

Interface: TypeAlias = tuple[str, int]
"""An address of this host and the length of its network's prefix."""

OTHER: Final = "other"
"""The name of the only site that is not this one."""

_FAMILIES: Final = (16, 4)
"""Bytes of an address; IPv6 is tried first."""
_BYTE: Final = 8


@dataclass(frozen=True, slots=True)
class _Own:
    packed: bytes
    prefix: int

    @property
    def is_host(self) -> bool:
        """Whether the network is this address alone, as service addresses often have it."""
        return self.prefix == len(self.packed) * _BYTE


def local_member(config: Config, interfaces: Iterable[Interface], *, fuzzy: bool) -> MemberConfig | None:
    """Return the member that this host is, if it is one.

    A member's address must be one of this host's. ``fuzzy`` is for clients: where no
    address is, a member in one of the host's networks will do, for a site's service address
    may be active at another node of its cluster.

    Args:
        config: Who the members are.
        interfaces: The host's addresses in the kernel's order.
        fuzzy: Whether a shared network is enough.
    """
    own = [_Own(_packed(address), prefix) for address, prefix in interfaces if prefix > 0]
    ordered = [each for length in _FAMILIES for each in own if len(each.packed) == length]
    found = _exact(config, ordered)
    return _near(config, ordered) if found is None and fuzzy else found


def find_member(
    config: Config,
    name: str,
    *,
    local: MemberConfig | None,
    lookup: Callable[[str], Sequence[str]] | None = None,
) -> MemberConfig | None:
    """Return the member that an administrator names, if there is one.

    Args:
        config: Who the members are.
        name: An address in any spelling, a host name, or ``other`` for the only site that is not local.
        local: The member that this host is.
        lookup: Returns the addresses of a host name, none if it has none.
    """
    if name == OTHER:
        others = [each for each in config.sites if each != local]
        return others[0] if len(others) == 1 else None
    by_text = next((each for each in config.members if each.address == name), None)
    return by_text or _by_address(config, [name]) or _by_address(config, lookup(name) if lookup else [])


def _by_address(config: Config, addresses: Iterable[str]) -> MemberConfig | None:
    wanted = {packed for address in addresses if (packed := _packed_or_none(address))}
    return next((each for each in config.members if _packed(each.address) in wanted), None)


def _exact(config: Config, own: Sequence[_Own]) -> MemberConfig | None:
    """Return the member with an address of ours; the last one, where addresses are networks of one.

    That is ClusterLabs booth's rule. It matters where a host has several members' addresses.
    """
    members = {_packed(each.address): each for each in config.members}
    for length in _FAMILIES:
        found = [each for each in own if len(each.packed) == length and each.packed in members]
        hosts = [each for each in found if each.is_host]
        if found:
            return members[(hosts[-1] if hosts else found[0]).packed]
    return None


def _near(config: Config, own: Sequence[_Own]) -> MemberConfig | None:
    """Return a member in the smallest of our networks that has one."""
    for length in _FAMILIES:
        networks = [each for each in own if len(each.packed) == length]
        for network in sorted(networks, key=lambda each: -each.prefix):  # equal ones stay in order
            found = _nearest(config.sites, network) or _nearest(config.members, network)
            if found:
                return found
    return None


def _nearest(members: Iterable[MemberConfig], network: _Own) -> MemberConfig | None:
    """Return the member of a network that ClusterLabs booth would take.

    The last one of the file; where the prefix ends inside a byte, the last one that also
    shares that byte, or else the first.
    """
    shared = [(_shared_bits(_packed(each.address), network.packed), each) for each in members]
    inside = [(bits, each) for bits, each in shared if bits >= network.prefix]
    if not inside:
        return None
    closer = [each for bits, each in inside if bits // _BYTE > network.prefix // _BYTE]
    if network.prefix % _BYTE == 0:
        return inside[-1][1]
    return closer[-1] if closer else inside[0][1]


def _shared_bits(one: bytes, other: bytes) -> int:
    """Return how many bits are the same from the left; -1 for different families."""
    if len(one) != len(other):
        return -1
    difference = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return len(one) * _BYTE - difference.bit_length()


def _packed(address: str) -> bytes:
    return ip_address(address).packed


def _packed_or_none(text: str) -> bytes | None:
    try:
        return _packed(text)
    except ValueError:
        return None
