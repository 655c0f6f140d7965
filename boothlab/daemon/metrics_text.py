"""A member's state as Prometheus reads it (text format 0.0.4)."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boothlab.core.clock import US_PER_S
from boothlab.core.codes import NO_ONE, UNKNOWN
from boothlab.core.notes import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from boothlab.core.view import MemberView, PeerView, TicketView

_MS_PER_S: Final = 1_000
_PEER_COUNTERS: Final[Mapping[str, str]] = {
    "sent": "Datagrams sent to a member.",
    "send_errors": "Datagrams that could not be sent to a member.",
    "resends": "Datagrams sent to a member again, for want of an answer.",
    "received": "Datagrams received from a member.",
    "receive_errors": "Datagrams from a member that were no messages.",
    "auth_failures": "Datagrams from a member whose signature or time was wrong.",
    "invalid": "Messages from a member about unknown tickets or leaders.",
}
_STARTED_S: Final = time.time()

_Sample = tuple[dict[str, str], float]


def render(view: MemberView, version: str) -> str:
    """Return a member's metrics as text."""
    return "".join(_lines(view, version))


def _lines(view: MemberView, version: str) -> Iterator[str]:
    me = {"address": view.me.address, "role": view.me.role.value, "version": version}
    yield from _metric("booth_info", "gauge", "This member.", [(me, 1)])
    yield from _tickets(view)
    yield from _peers(view.peers)
    yield from _process()


def _tickets(view: MemberView) -> Iterator[str]:
    names = {view.me.id: view.me.address, **{each.config.id: each.config.address for each in view.peers}}

    def gauge(name: str, text: str, value: Callable[[TicketView], float]) -> Iterator[str]:
        samples = [({"ticket": each.name}, value(each)) for each in view.tickets]
        return _metric(f"booth_ticket_{name}", "gauge", text, samples)

    yield from gauge("granted_here", "Whether Pacemaker here was told so.", lambda each: each.granted_here)
    yield from gauge("term", "The number of the election.", lambda each: each.term)
    yield from gauge("lease_seconds", "What is left of the lease.", lambda each: each.left_ms / _MS_PER_S)
    yield from gauge(
        "commit_pending",
        "Whether a grant is held back until other sites must have lost the ticket.",
        lambda each: each.commit_pending_until_ms is not None,
    )
    states = [
        ({"ticket": each.name, "state": state.value}, each.state is state)
        for each in view.tickets
        for state in State
    ]
    yield from _metric("booth_ticket_state", "gauge", "What this member does about it.", states)
    leaders = [({"ticket": each.name, "leader": _leader(each.leader, names)}, 1.0) for each in view.tickets]
    yield from _metric("booth_ticket_leader", "gauge", "Who holds it, as far as known here.", leaders)
    for counter in sorted({name for each in view.tickets for name in each.counters}):
        samples = [({"ticket": each.name}, float(each.counters.get(counter, 0))) for each in view.tickets]
        yield from _metric(f"booth_ticket_{counter}_total", "counter", "Since the start.", samples)


def _leader(leader: int, names: Mapping[int, str]) -> str:
    """Return a leader as ``booth list`` prints it."""
    special = {NO_ONE: "none", UNKNOWN: "NONE"}
    return special.get(leader) or names.get(leader, str(leader))


def _peers(peers: Iterable[PeerView]) -> Iterator[str]:
    labelled = [({"peer": each.config.address, "role": each.config.role.value}, each) for each in peers]
    heard = [(labels, each.last_heard_us / US_PER_S) for labels, each in labelled]
    text = "When it was last heard, seconds since the epoch; 0 when never."
    yield from _metric("booth_peer_last_heard_seconds", "gauge", text, heard)
    for name, text in _PEER_COUNTERS.items():
        samples = [(labels, float(getattr(each, name))) for labels, each in labelled]
        yield from _metric(f"booth_peer_{name}_total", "counter", text, samples)


def _process() -> Iterator[str]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    gauges = {
        "process_resident_memory_bytes": float(pages * os.sysconf("SC_PAGE_SIZE")),
        "process_start_time_seconds": _STARTED_S,
        "process_open_fds": float(len(os.listdir("/proc/self/fd"))),  # noqa: PTH208
    }
    seconds = used.ru_utime + used.ru_stime
    yield from _metric("process_cpu_seconds_total", "counter", "Of this process.", [({}, seconds)])
    for name, value in gauges.items():
        yield from _metric(name, "gauge", "Of this process.", [({}, value)])


def _metric(name: str, kind: str, text: str, samples: Iterable[_Sample]) -> Iterator[str]:
    yield f"# HELP {name} {text}\n# TYPE {name} {kind}\n"
    for labels, value in samples:
        inside = ",".join(f'{label}="{_escaped(each)}"' for label, each in labels.items())
        yield f"{name}{{{inside}}} {_number(value)}\n" if inside else f"{name} {_number(value)}\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
