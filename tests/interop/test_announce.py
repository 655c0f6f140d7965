"""Our members announce themselves in a field that ClusterLabs booth ignores: shown with the real binary."""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from interop.cluster import TICKET, Cluster
from interop.placements import MIXED, STANDALONE, on

from boothlab.core import announce
from boothlab.core.codes import Command, code_text
from boothlab.core.wire import decode_header
from boothlab.engine import names
from boothlab.engine.waits import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.core.messages import Header

pytestmark = STANDALONE

CAPTURE: Final = "/tmp/interop.pcap"  # noqa: S108 - in the router


@dataclass(frozen=True)
class Packet:
    """A datagram of Booth's as the router saw it."""

    source: str
    to: str
    header: Header


def capture(cluster: Cluster) -> None:
    """Begin to record Booth's datagrams at the router; returns when it does."""
    start = f"pkill -x tcpdump; rm -f {CAPTURE}; setsid tcpdump -i any -n -U -w {CAPTURE} udp port 9929"
    cluster.lab.run(names.ROUTER, f"{start} > /dev/null 2>&1 &")
    wait_until(
        lambda: cluster.lab.run(names.ROUTER, f"test -s {CAPTURE}").ok, what="tcpdump records", limit_s=10
    )


def captured(cluster: Cluster) -> list[Packet]:
    """End the recording and return what it has."""
    answer = cluster.lab.run(names.ROUTER, f"pkill -x tcpdump; base64 {CAPTURE}")
    return list(packets(base64.b64decode(answer.stdout)))


def packets(pcap: bytes) -> Iterator[Packet]:
    """Yield the datagrams of a pcap file of ``tcpdump -i any``; each once, on its way in."""
    (link_type,) = struct.unpack_from("<I", pcap, 20)
    offset, ip_at = 24, {113: 16, 276: 20}[link_type]
    while offset + 16 <= len(pcap):
        length = struct.unpack_from("<I", pcap, offset + 8)[0]
        frame = pcap[offset + 16 : offset + 16 + length]
        offset += 16 + length
        outgoing = frame[10] == 4 if link_type == 276 else frame[1] == 4
        if not outgoing:
            ip = frame[ip_at:]
            payload = ip[(ip[0] & 15) * 4 + 8 :]
            source, to = (".".join(map(str, ip[at : at + 4])) for at in (12, 16))
            yield Packet(source, to, decode_header(payload)[0])


@on(MIXED, always=("CPC", "PCP"))
def test_clusterlabs_booth_ignores_the_announcement(cluster: Cluster) -> None:
    capture(cluster)
    cluster.grant(cluster.a)
    cluster.wait_calls(cluster.a, more_than=len(cluster.calls(cluster.a)) + 3)
    cluster.sh(cluster.b, f"booth revoke -w -s {cluster.a.address} {TICKET}")
    cluster.grant(cluster.b)

    found = captured(cluster)

    ours = {each.address for each in cluster.members.values() if each.implementation == "P"}
    for packet in found:
        marked = announce.is_ours(packet.header.options)
        assert marked is (packet.source in ours), f"{code_text(packet.header.command)} from {packet.source}"
    assert {packet.source for packet in found} == {each.address for each in cluster.members.values()}
    refused = [packet for packet in found if packet.header.command == Command.REJECTED]
    assert refused == []
    for member in cluster.members.values():
        for peer in cluster.peers(member):
            assert (peer.received_errors, peer.authfail, peer.invalid) == (0, 0, 0)


@on(MIXED, always=())
def test_every_heartbeat_is_acknowledged_whoever_sends_it(cluster: Cluster) -> None:
    capture(cluster)
    cluster.grant(cluster.a)
    cluster.wait_calls(cluster.a, more_than=len(cluster.calls(cluster.a)) + 4)

    found = captured(cluster)

    followers = {each.address for each in cluster.members.values() if each is not cluster.a}
    for command in (Command.HEARTBEAT, Command.UPDATE):
        sent = [each for each in found if each.source == cluster.a.address and each.header.command == command]
        answers = [
            each
            for each in found
            if each.header.command == Command.ACK
            and each.header.request == command
            and each.to == cluster.a.address
        ]
        assert {each.to for each in sent} == followers
        assert abs(len(sent) - len(answers)) <= len(followers)  # the last may be under way
