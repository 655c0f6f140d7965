"""Who we are, by this host's addresses; and whom an administrator means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from boothlab.core.config.local_member import find_member, local_member
from boothlab.core.config.model import Config, MemberConfig, Role

if TYPE_CHECKING:
    from collections.abc import Sequence


def config(*members: str) -> Config:
    """Return a configuration of sites; ``!ADDRESS`` is an arbitrator."""
    return Config(
        name="booth",
        path="/etc/booth/booth.conf",
        members=tuple(
            MemberConfig(each.lstrip("!"), Role.ARBITRATOR if "!" in each else Role.SITE) for each in members
        ),
    )


def who(members: str, interfaces: str, *, fuzzy: bool) -> str | None:
    own = [
        (address, int(prefix)) for address, _, prefix in (each.partition("/") for each in interfaces.split())
    ]
    found = local_member(config(*members.split()), own, fuzzy=fuzzy)
    return found.address if found else None


# Members, the host's addresses, and whom daemon and client take. Debian 12's booth, with these
# addresses on its loopback interface, gives the same answers.
IPV4: Final[list[tuple[str, str, str | None, str | None]]] = [
    ("10.0.5.1 10.9.0.2 10.9.0.1", "127.0.0.1/8 10.0.0.9/24", None, None),
    ("10.0.0.2 10.0.0.1 10.9.0.1", "10.0.0.1/24 10.0.0.2/24", "10.0.0.1", "10.0.0.1"),
    ("10.0.0.2 10.0.0.1 10.9.0.1", "10.0.0.1/32 10.0.0.2/32", "10.0.0.2", "10.0.0.2"),
    ("10.0.0.1 10.1.0.2 10.9.0.1", "10.0.0.1/24 10.1.0.2/32", "10.1.0.2", "10.1.0.2"),
    ("10.0.0.1 10.1.0.2 10.9.0.1", "10.1.0.2/32 10.0.0.1/24", "10.1.0.2", "10.1.0.2"),
    ("10.0.0.1 10.0.1.2 10.0.2.3", "10.0.0.1/24 10.0.1.2/32 10.0.2.3/32", "10.0.2.3", "10.0.2.3"),
    ("10.0.0.1 10.1.0.2 10.9.0.1", "10.1.0.2/16 10.0.0.9/24", "10.1.0.2", "10.1.0.2"),
    ("10.0.0.1 10.1.0.2 10.9.0.1", "10.0.0.9/16 10.1.0.9/24", None, "10.1.0.2"),
    ("10.1.0.2 10.0.0.1 10.9.0.1", "10.0.0.9/24 10.1.0.9/24", None, "10.0.0.1"),
    ("!10.0.0.3 10.0.0.1 10.0.0.2", "10.0.0.9/24", None, "10.0.0.2"),
    ("10.0.5.1 10.0.6.1 10.9.0.1", "10.0.4.9/22", None, "10.0.5.1"),
    ("10.0.5.1 10.0.4.1 10.9.0.1", "10.0.4.9/22", None, "10.0.4.1"),
    ("10.0.4.1 10.0.5.1 10.0.4.2", "10.0.4.9/22", None, "10.0.4.2"),
    ("10.0.4.1 10.0.4.2 10.0.5.1", "10.0.4.9/22", None, "10.0.4.2"),
    ("10.0.4.1 10.0.5.1 10.0.6.1", "10.0.4.9/22", None, "10.0.4.1"),
    ("10.0.0.3 10.9.0.2 10.9.0.1", "10.0.0.2/31", None, "10.0.0.3"),
]


@pytest.mark.parametrize(("members", "interfaces", "daemon", "client"), IPV4)
def test_who_we_are_is_what_the_addresses_say(
    members: str, interfaces: str, daemon: str | None, client: str | None
) -> None:
    assert who(members, interfaces, fuzzy=False) == daemon
    assert who(members, interfaces, fuzzy=True) == client


def test_an_address_of_ours_says_more_than_a_network_however_small_that_is() -> None:
    # Debian 12's client takes 10.0.0.1 here, its daemon takes ours.
    members, interfaces = "10.0.0.1 10.1.0.2 10.9.0.1", "10.0.0.9/24 10.1.0.2/16"

    assert who(members, interfaces, fuzzy=True) == who(members, interfaces, fuzzy=False) == "10.1.0.2"


def test_a_site_is_nearer_than_an_arbitrator_which_has_its_hosts_own_address() -> None:
    # Debian 12's client takes the arbitrator here, and then cannot grant anything.
    assert who("10.0.0.1 10.0.0.2 !10.0.0.3", "10.0.0.9/24", fuzzy=True) == "10.0.0.2"


@pytest.mark.parametrize(
    ("members", "interfaces", "daemon", "client"),
    [
        ("fd00::1 10.0.0.1", "10.0.0.1/24 fd00::1/64", "fd00::1", "fd00::1"),
        ("FD00:0::1 10.0.0.1", "fd00::1/64", "FD00:0::1", "FD00:0::1"),
        ("fe80::1%eth0 10.0.0.1", "fe80::1/64", "fe80::1%eth0", "fe80::1%eth0"),
        ("fd00::1 10.0.0.1", "10.0.0.9/24 fd00::9/64", None, "fd00::1"),
        ("fd00::1 10.0.0.1", "fd00::9/64 10.0.0.1/24", "10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1 10.0.0.2", "10.0.0.1/24", None, "10.0.0.2"),
        ("10.0.0.1 10.0.0.2", "10.9.0.9/0", None, None),
        ("!10.0.0.3 10.0.1.1", "10.0.0.9/24", None, "10.0.0.3"),
    ],
)
def test_ipv6_comes_first_but_an_address_before_a_network(
    members: str, interfaces: str, daemon: str | None, client: str | None
) -> None:
    assert who(members, interfaces, fuzzy=False) == daemon
    assert who(members, interfaces, fuzzy=True) == client


THREE: Final = config("10.0.0.1", "fd00::2", "!10.0.0.3")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("FD00:0::2", "fd00::2"),
        ("10.0.0.3", "10.0.0.3"),
        ("10.0.0.4", None),
        ("west", "fd00::2"),
        ("nowhere", None),
        ("", None),
    ],
)
def test_a_member_is_found_by_any_spelling_of_its_address_or_by_its_hosts_name(
    name: str, found: str | None
) -> None:
    hosts: dict[str, Sequence[str]] = {"west": ["10.0.0.99", "fd00::2"]}

    member = find_member(THREE, name, local=None, lookup=lambda host: hosts.get(host, ()))

    assert (member.address if member else None) == found


def test_without_a_lookup_only_addresses_are_found() -> None:
    assert find_member(THREE, "west", local=None) is None


@pytest.mark.parametrize(
    ("members", "local", "other"),
    [
        ("10.0.0.1 10.0.0.2 !10.0.0.3", "10.0.0.1", "10.0.0.2"),
        ("10.0.0.1 10.0.0.2 !10.0.0.3", "10.0.0.3", None),
        ("10.0.0.1 10.0.0.2 !10.0.0.3", None, None),
        ("10.0.0.1 10.0.0.2 10.0.0.3", "10.0.0.1", None),
        ("10.0.0.1 !10.0.0.2", "10.0.0.1", None),
        ("10.0.0.1 !10.0.0.2", "10.0.0.2", "10.0.0.1"),
    ],
)
def test_other_is_the_only_site_that_is_not_here(members: str, local: str | None, other: str | None) -> None:
    there = config(*members.split())
    here = next((each for each in there.members if each.address == local), None)

    found = find_member(there, "other", local=here)

    assert (found.address if found else None) == other
