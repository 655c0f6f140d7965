"""The kernel's filter, over loopback."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import pytest

from boothlab.daemon import packet_filter

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE, OTHER, STRANGER = "127.0.0.11", "127.0.0.12", "127.0.0.13"


@pytest.fixture
def hearer() -> Iterator[socket.socket]:
    with bound("127.0.0.10") as made:
        yield made


def bound(address: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setblocking(False)
    try:
        made.bind((address, 0))
    except OSError:
        made.close()
        raise
    return made


def send(to: socket.socket, *sources: str) -> None:
    """Send a datagram from each address; over loopback it has arrived, or been refused, on return."""
    for source in sources:
        with bound(source) as sender:
            sender.sendto(source.encode(), to.getsockname())


def waiting(hearer: socket.socket) -> list[str]:
    """Return from whom there is something in the buffer."""
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            found.append(hearer.recv(1024).decode())
    return found


def test_only_who_is_named_is_heard(hearer: socket.socket) -> None:
    packet_filter.only_from(hearer, [ONE, OTHER])
    send(hearer, STRANGER, ONE, STRANGER, OTHER, "127.0.0.1")

    assert waiting(hearer) == [ONE, OTHER]


def test_another_filter_takes_the_place_of_the_first(hearer: socket.socket) -> None:
    packet_filter.only_from(hearer, [ONE])
    packet_filter.only_from(hearer, [OTHER])
    send(hearer, ONE, OTHER)

    assert waiting(hearer) == [OTHER]


def test_without_the_filter_everybody_is_heard_again(hearer: socket.socket) -> None:
    packet_filter.only_from(hearer, [ONE])
    packet_filter.from_anybody(hearer)
    send(hearer, STRANGER, ONE)

    assert waiting(hearer) == [STRANGER, ONE]


def test_what_waits_already_stays(hearer: socket.socket) -> None:
    send(hearer, STRANGER)
    packet_filter.only_from(hearer, [ONE])

    assert waiting(hearer) == [STRANGER]


def test_nobody_named_nobody_heard(hearer: socket.socket) -> None:
    packet_filter.only_from(hearer, [])
    send(hearer, STRANGER)

    assert waiting(hearer) == []


@pytest.mark.parametrize(
    ("named", "heard"),
    [
        (["::1"], ["::1"]),
        (["fd00::2", "::1"], ["::1"]),
        (["::2", "1::1", "0:0:1::1", "0:0:0:0:1::1"], []),  # one word differs, each time another
    ],
)
def test_ipv6_addresses_are_compared_whole(named: list[str], heard: list[str]) -> None:
    try:
        hearer = bound("::1")
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    with hearer:
        packet_filter.only_from(hearer, named)
        send(hearer, "::1")

        assert waiting(hearer) == heard


def test_an_address_of_another_family_is_refused(hearer: socket.socket) -> None:
    with pytest.raises(OSError, match="illegal IP address"):
        packet_filter.only_from(hearer, ["::1"])
