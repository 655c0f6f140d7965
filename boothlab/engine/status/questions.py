"""What each node is asked for a status: one POSIX shell script per node.

The script prints sections: a command's standard output, then a line of its own with
the section's name, the exit code and what the command said on standard error. A
section without that line was cut off.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.engine.parsers import addresses, cib, crm_mon

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.engine.topology.model import Member, Topology

LIMIT_S: Final = 3
"""Seconds that any one command gets in a node; one that hangs ends with exit code 124."""

TIMED_OUT: Final = 124
"""Exit code of a command that was ended at its limit."""

_MARK: Final = "@@boothlab-section"

_PRELUDE: Final = f"""\
export LC_ALL=C
set -f # the words of an error message are no file names
exec 3>&1
ask() {{
    section=$1
    shift
    errors=$(timeout -k 1 {LIMIT_S} "$@" 2>&1 >&3 3>&-)
    code=$?
    set -- "$section" "$code" $errors
    printf '\\n{_MARK} %s\\n' "$*"
    return "$code"
}}
ask clock date +%s
ask addresses {addresses.COMMAND}"""


@dataclass(frozen=True)
class Section:
    """What one command in a node said."""

    name: str
    exit_code: int
    errors: str
    """Standard error, its white space folded."""
    text: str
    """Standard output."""


def questions(topology: Topology) -> Mapping[str, str]:
    """Return the script to run in each node, by host name.

    Each ends by itself: a command that hangs is ended after LIMIT_S seconds, and
    what depends on it is then not asked.
    """
    cluster = _pacemaker() if topology.cluster == "pacemaker" else _stand_in(topology)
    sites = {node: _script(topology, site, cluster) for site in topology.sites for node in site.nodes}
    return sites | {each.node_name: _script(topology, each, []) for each in topology.arbitrators}


def _script(topology: Topology, member: Member, cluster: list[str]) -> str:
    return "\n".join((_PRELUDE, *cluster, *_booth(topology, member), ""))


def _pacemaker() -> list[str]:
    return [f"ask crm_mon {crm_mon.COMMAND} && ask cib {cib.COMMAND}"]


def _stand_in(topology: Topology) -> list[str]:
    return [f"ask crm_ticket crm_ticket -t {shlex.quote(name)} -q" for name in topology.tickets]


def _booth(topology: Topology, member: Member) -> list[str]:
    """Ask Booth only where its address is: elsewhere the client waits long for nobody."""
    name = topology.booth.name
    return [
        f"ask booth_status booth status -c {name}",
        f'if [ -n "$({addresses.COMMAND} to {member.address})" ]; then',
        f"    ask booth_list booth list -c {name} && ask booth_peers booth peers -c {name}",
        "fi",
    ]


def sections(answer: str) -> tuple[Section, ...]:
    """Take a script's output apart. What follows the last whole section was cut off and is dropped."""
    found: list[Section] = []
    lines: list[str] = []
    for line in answer.splitlines():
        name, code, errors = _mark(line)
        if name is None:
            lines.append(line)
            continue
        found.append(Section(name, code, errors, "\n".join(lines).strip("\n") + "\n"))
        lines = []
    return tuple(found)


def _mark(line: str) -> tuple[str | None, int, str]:
    words = line.split(maxsplit=3)
    if len(words) < 3 or words[0] != _MARK or not words[2].isdecimal():  # noqa: PLR2004 - mark, name, code
        return None, 0, ""
    return words[1], int(words[2]), words[3] if len(words) > 3 else ""  # noqa: PLR2004
