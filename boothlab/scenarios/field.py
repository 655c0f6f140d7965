"""What went wrong with Booth in the field: the entries that the catalogue answers, and those that it cannot.

Most of it was told in commits with the numbers of a bug tracker that is not public; the links
lead to the commits then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BOOTH: Final = "https://github.com/ClusterLabs/booth"
OLD: Final = "https://github.com/jjzhang/booth"
NVD: Final = "https://nvd.nist.gov/vuln/detail"


@dataclass(frozen=True, slots=True)
class Entry:
    """A report, and why there is no scenario for it, where there is none."""

    id: str
    """As people cite it."""
    links: tuple[str, ...]
    """Where it is told; a scenario with one of them answers it."""
    what: str
    """What went wrong, in half a sentence."""
    instead: str = ""
    """Why it cannot be played, and what is there instead; empty where a scenario answers it."""


def _issue(number: int, what: str, instead: str = "", *more: int) -> Entry:
    numbers = (number, *more)
    # GitHub leads from one to the other, whatever it is.
    links = tuple(f"{BOOTH}/{kind}/{each}" for each in numbers for kind in ("issues", "pull"))
    return Entry(", ".join(f"#{each}" for each in numbers), links, what, instead)


def _commit(id_: str, what: str, instead: str = "", *, commits: tuple[str, ...]) -> Entry:
    return Entry(id_, tuple(f"{BOOTH}/commit/{each}" for each in commits), what, instead)


DOUBLE: Final = (
    _issue(68, "a ticket granted twice after a reconnection"),
    _issue(17, "a ticket stays granted when Booth starts without a majority"),
    _commit("bnc#876300", "elections while a lease is valid", commits=("7c9e110", "28ee61e", "5b84d2b")),
    _commit("bnc#876321", "a grant is not held back for a site that is away", commits=("f45702f",)),
    _commit(
        "bnc#873483, bnc#873175",
        "a leader extends its lease without a majority",
        commits=("cac04ae", "3f9f055", "7a1d66e"),
    ),
    _commit("bsc#940037", "a handler's late result writes a grant", commits=("79dd290",)),
    _commit("f01c4e8", "a handler ends as the ticket is lost", commits=("f01c4e8",)),
    _commit("9dae592", "a handler is run twice", commits=("9dae592",)),
    _commit("3d998b0", "old messages take a member back", commits=("3d998b0", "6960e8a")),
    _issue(60, "a manual ticket at two sites", "", 64),
    Entry("jjzhang#47", (f"{OLD}/pull/47",), "acknowledgements are counted twice"),
    _issue(
        58,
        "a site takes another one's address for its own",
        "members of one network are none of this lab's; `tests/unit/daemon/test_addresses.py`",
        49,
    ),
)
"""Two sites held a ticket, or could have."""

STUCK: Final = (
    _issue(79, "before-acquire-handler does not work"),
    _commit("e59be21", "no election after the last candidate went", commits=("60170a2", "e59be21")),
    _commit("3c1fec2", "a late answer to a question stops an election", commits=("3c1fec2",)),
    _commit("bnc#883785", "a tie is repeated for ever", commits=("d43ee48", "63c9085", "d8726b4")),
    _commit("bsc#952426", "term 0 is taken for no term", commits=("4098737",)),
    _commit("bsc#956321", "an arbitrator never sees that a ticket is lost", commits=("a6271e3",)),
    _commit("bnc#889806", "only one ticket works", commits=("0db2c76",)),
    _issue(
        139,
        "Booth does not start on Linux 6.9 and newer",
        "it depends on the machine's kernel; nodes of labs have no IPv6, which keeps it away",
        140,
    ),
    _issue(
        13,
        "the lock file is lost, and Booth can neither be stopped nor started",
        "no fault takes files away; `tests/unit/daemon/test_lock_file.py`",
    ),
    _issue(92, "a lock file is left behind by a signal at the start"),
    _issue(91, "long names"),
    _issue(
        106,
        "Booth needs more memory locked than it may",
        "every node of a lab is a container without privileges, so every scenario is one for it",
    ),
    _commit(
        "bsc#938820",
        "Booth polls without a pause",
        "no observer looks at the processor's time; `benchmarks/daemon.py` measures it",
        commits=("d9f16ba",),
    ),
    _issue(134, "an arbitrator behind NAT", "members of labs have addresses of their own, as Booth needs"),
    _issue(19, "Booth's own live test cannot be made to pass", "its scenarios are here, under its names"),
)
"""Nobody got a ticket, or a member got stuck."""

SMALLER: Final = (
    Entry("CVE-2022-2553", (f"{NVD}/CVE-2022-2553", f"{BOOTH}/pull/115"), "authfile is ignored"),
    Entry("CVE-2024-3049", (f"{NVD}/CVE-2024-3049", f"{BOOTH}/pull/142"), "a packet chooses its own hash"),
    _issue(123, "exit code 0 though nothing was done"),
    _issue(125, "attributes of a ticket that has none", "", 124),
    _commit("bbcb971", "a slow client blocks the daemon", commits=("bbcb971",)),
    _commit(
        "3ff8bfb",
        "a client that leaves early takes the daemon along",
        "clients here stay to the end; `tests/unit/daemon/test_tcp.py`",
        commits=("3ff8bfb", "f79df7b", "cffe9c3", "937c939"),
    ),
    _issue(112, "a signal comes in the wrong moment", "our daemon does nothing inside of a signal handler"),
    _issue(
        94,
        "crm_ticket's exit codes are others with each Pacemaker",
        "without Pacemaker there is one crm_ticket; `tests/unit/daemon/test_crm_ticket.py`",
        130,
    ),
    _issue(62, "-D and -S", "`tests/unit/daemon/test_arguments.py`", 63),
    _issue(57, "names instead of addresses in booth.conf", "labs have no name service"),
    _issue(66, "systemd's unit", "members without Pacemaker run without systemd", 119),
    _issue(141, "booth-cfg-name in the CIB", "`tests/unit/daemon/test_crm_ticket.py`", 135),
    _issue(87, "Booth's tests depend on the moment", "what the checkers are there for", 95, 111, 138),
)
"""Keys, clients, and what surrounds Booth."""

ENTRIES: Final = (*DOUBLE, *STUCK, *SMALLER)
