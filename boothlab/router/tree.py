"""Faults that netem carries out: on each interface towards its packets, a netem a fault.

The interface gets a prio whose first band passes everything. Each fault that netem carries out
has a slot, and with it a band, a netem in the band, and filters that lead its packets there.
The slot is in the fault's record, so what shall be there follows from the records alone.
"""

from __future__ import annotations

import json
import time
from ipaddress import IPv4Interface, IPv4Network
from socket import if_nametoindex
from typing import TYPE_CHECKING, Any, Final

from boothlab.router.kernel import KernelRefusedError, attempt, run
from boothlab.router.leaves import ROOT, Leaf, filter_lines, leaves, root_lines
from boothlab.router.qdiscs import Qdisc, add_netem, netem_options, qdiscs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_HELD_LIMIT_S: Final = 11.0
"""Longer than any packet waits: what would hold them for more than 10 s is not asked of netem."""
_HELD_CHECK_S: Final = 0.01
_HELD_MARGIN_S: Final = 0.1
"""How much later than due a packet may leave on a busy host."""


def set_impaired(rules: Sequence[Mapping[str, Any]]) -> None:
    """Have just these rules carried out by netem; those that are there already go on as they are.

    A netem that is to go is left alone until the packets that wait in it have left.

    Raises:
        KernelRefusedError: tc or ip failed.
        OSError: the kernel does not want a netem there.
    """
    wanted = {(leaf.device, leaf.slot): leaf for leaf in leaves(rules, _networks() if rules else {})}
    found = qdiscs()
    roots = {qdisc.device for qdisc in found if qdisc.handle == ROOT << 16}
    there = _netems(found).keys()
    _remove(there - wanted.keys())
    for device in roots - {leaf.device for leaf in wanted.values()}:
        run(["tc", "qdisc", "del", "dev", device, "root"])
    for key, leaf in wanted.items():
        if key not in there:
            _add(leaf, roots)


def let_go(rules: Sequence[Mapping[str, Any]]) -> None:
    """Wait until the packets that netem holds for these rules now have left."""
    found = leaves(rules, _networks() if rules else {})
    held_s = max((leaf.held_s for leaf in found), default=0)
    _wait_for({(leaf.device, leaf.slot) for leaf in found}, held_s + _HELD_MARGIN_S)


def is_there(rules: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether every one of these rules has its netems."""
    wanted = {(leaf.device, leaf.slot) for leaf in leaves(rules, _networks() if rules else {})}
    return wanted <= _netems(qdiscs()).keys()


def counts(rules: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int | None]]:
    """Return how many packets the rules were about and did something to, as far as netem tells."""
    found = _netems(qdiscs()) if rules else {}
    return {str(rule["id"]): _counts(rule, found) for rule in rules}


def _counts(rule: Mapping[str, Any], found: Mapping[tuple[str, int], Qdisc]) -> dict[str, int | None]:
    mine = [qdisc for (_, slot), qdisc in found.items() if slot == rule["slot"]]
    dropped = sum(qdisc.dropped for qdisc in mine)
    matched = dropped + sum(qdisc.sent + qdisc.waiting for qdisc in mine)
    hits = {"loss": dropped, "delay": matched}
    if rule["effect"]["do"] in ("duplicate", "rate"):  # copies, and what a full queue lost, cannot be told
        return {"matched": None, "hit": None}
    return {"matched": matched, "hit": hits.get(rule["effect"]["do"])}


def trial() -> dict[str, Any]:
    """Try netem on the loopback: ``reason`` against it or null, and whether it takes a seed."""
    pairs = (("127.0.0.0/8", "127.0.0.0/8"),)
    effect = {"do": "rate", "kbit_s": 1000, "queue_ms": 1000}
    leaf = Leaf("lo", {"slot": 1, "only": "udp", "port": 9929, "effect": effect}, pairs)
    try:
        _add(leaf, set())
        seeded = _netems(qdiscs())[leaf.device, leaf.slot].seed == leaf.seed
    except (KernelRefusedError, OSError) as error:
        return {"reason": str(error).splitlines()[0], "seeded": False}
    finally:
        if any(qdisc.device == leaf.device and qdisc.handle == ROOT << 16 for qdisc in qdiscs()):
            run(["tc", "qdisc", "del", "dev", leaf.device, "root"])
    return {"reason": None, "seeded": seeded}


def _networks() -> dict[IPv4Network, str]:
    told = json.loads(run(["ip", "-4", "-json", "address", "show"]))
    return {
        IPv4Interface(f"{address['local']}/{address['prefixlen']}").network: link["ifname"]
        for link in told
        for address in link["addr_info"]
    }


def _netems(found: Iterable[Qdisc]) -> dict[tuple[str, int], Qdisc]:
    """Return the netems that are ours, by device and slot."""
    return {
        (each.device, (each.handle >> 16) - ROOT): each
        for each in found
        if each.kind == "netem" and each.parent >> 16 == ROOT
    }


def _add(leaf: Leaf, roots: set[str]) -> None:
    if leaf.device not in roots:
        _batch(root_lines(leaf.device))
        roots.add(leaf.device)
    handles = ROOT << 16 | leaf.slot + 1, ROOT + leaf.slot << 16
    add_netem(leaf.device, *handles, netem_options(leaf.rule["effect"], leaf.seed))
    _batch(filter_lines(leaf, police=if_nametoindex(leaf.device) << 8 | leaf.slot))


def _remove(gone: Iterable[tuple[str, int]]) -> None:
    """Lead no more packets to some netems, wait until theirs have left, and take them away."""
    gone = list(gone)
    for device, slot in gone:
        attempt(["tc", "filter", "del", "dev", device, "parent", f"{ROOT:x}:", "pref", str(slot)])
    _wait_for(set(gone), _HELD_LIMIT_S)
    for device, slot in gone:
        run(["tc", "qdisc", "del", "dev", device, "parent", f"{ROOT:x}:{slot + 1:x}"])


def _wait_for(keys: set[tuple[str, int]], limit_s: float) -> None:
    """Wait until nothing waits in some netems, or so long that whatever waits there now has left."""
    deadline = time.monotonic() + limit_s
    while keys and time.monotonic() < deadline:
        keys = {key for key, qdisc in _netems(qdiscs()).items() if key in keys and qdisc.waiting}
        time.sleep(_HELD_CHECK_S if keys else 0)


def _batch(lines: Iterable[str]) -> None:
    run(["tc", "-batch", "-"], "".join(f"{line}\n" for line in lines))
