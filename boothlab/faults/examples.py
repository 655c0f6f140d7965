"""One fault of each kind, as it could be applied to a lab: to say what is available, and how it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.nemesis.network import NETWORK_FAULTS
from boothlab.nemesis.packets import PACKET_FAULTS
from boothlab.nemesis.vocabulary import fault_of

if TYPE_CHECKING:
    from boothlab.engine.topology.model import Topology
    from boothlab.nemesis.fault import Fault

_DETAILS: Final[dict[str, dict[str, object]]] = {
    "loss": {"percent": 30},
    "duplicate": {"percent": 30},
    "corrupt": {"percent": 30},
    "reorder": {"percent": 30},
    "delay": {"delay_ms": 100},
    "rate": {"kbit_s": 64},
    "flap": {"down_ms": 500, "up_ms": 1500},
    "forge": {"message": "UpdE"},
    "replay": {"after_ms": 5000},
    "truncate": {"bytes": 100},
    "break-crm-ticket": {"mode": "slow"},
    "break-handler": {"mode": "fail"},
    "step-clock": {"step_ms": 3_600_000},
    "drift-clock": {"rate": 0.9},
}


def example(kind: str, topology: Topology) -> Fault:
    """Return a fault of this kind; one that needs members has the topology's first site."""
    data: dict[str, object] = {"fault": kind, **_DETAILS.get(kind, {})}
    if where := _WHERE.get(kind, "" if kind in _EVERYWHERE else "at"):
        data[where] = [topology.sites[0].name]
    if kind == "fail-resource":
        names = [resource.name for group in topology.resources.values() for resource in group]
        data["resource"] = next(iter(names), "none")
    return fault_of(data)


_WHERE: Final = {"partition": "members", "one-way": "from"}
_EVERYWHERE: Final = {each.kind for each in (*NETWORK_FAULTS, *PACKET_FAULTS)}
