"""What the kernel does for the faults: drop packets, and hand some to this program."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TABLE: Final = "boothlab_faults"
"""nftables' table with what is dropped; there while anything is."""

_LIMIT_S: Final = 15
_QUEUED: Final = (
    *("FORWARD", "-m", "comment", "--comment", "boothlab"),
    *("-j", "NFQUEUE", "--queue-num", "9929", "--queue-bypass"),
)


class KernelRefusedError(Exception):
    """A command that changes the kernel's rules failed; the message is what it printed."""


def drop_text(rules: Iterable[Mapping[str, Any]]) -> str:
    """Return nft's text that replaces what is dropped, at once: forwarded packets, and copies sent again."""
    lines = [line for rule in rules for line in _drop_lines(rule)]
    anew = f"table ip {TABLE}\ndelete table ip {TABLE}\n"
    if not lines:
        return anew
    chains = "".join(
        f"  chain {hook} {{\n    type filter hook {hook} priority 0; policy accept;\n"
        + "".join(f"    {line}\n" for line in lines)
        + "  }\n"
        for hook in ("forward", "output")
    )
    return f"{anew}table ip {TABLE} {{\n{chains}}}\n"


def _drop_lines(rule: Mapping[str, Any]) -> list[str]:
    """Return the lines of one rule: a line a pair, and a line a side on which Booth's port may be."""
    only, port = rule["only"], rule["port"]
    if only == "all":
        traffic = [""]
    elif only in ("udp", "tcp"):
        traffic = [f"{only} {side} {port} " for side in ("dport", "sport")]
    else:  # the four letters 28 bytes behind UDP's header
        traffic = [f"udp {side} {port} @th,288,32 0x{only.encode().hex()} " for side in ("dport", "sport")]
    return [
        f'ip saddr {source} ip daddr {target} {what}counter drop comment "{rule["id"]}"'
        for source, target in rule["pairs"]
        for what in traffic
    ]


def set_dropped(rules: Sequence[Mapping[str, Any]]) -> None:
    """Have just these packets dropped.

    Raises:
        KernelRefusedError: nft failed; nothing has changed.
    """
    run(["nft", "-f", "-"], drop_text(rules))


def set_queued(wanted: bool) -> None:
    """Have all forwarded packets handed to this program, or none.

    When it does not run, they pass as if there were no fault.

    Raises:
        KernelRefusedError: iptables failed.
    """
    is_queued = attempt(["iptables", "-t", "mangle", "-C", *_QUEUED])
    if wanted and not is_queued:
        run(["iptables", "-t", "mangle", "-A", *_QUEUED])
    elif is_queued and not wanted:
        run(["iptables", "-t", "mangle", "-D", *_QUEUED])


def attempt(command: list[str]) -> bool:
    """Run a command; return whether it succeeded."""
    return subprocess.run(command, capture_output=True, check=False, timeout=_LIMIT_S).returncode == 0


def run(command: list[str], text: str = "") -> str:
    """Run a command, with this text to read; return what it printed.

    Raises:
        KernelRefusedError: it failed.
    """
    ran = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=_LIMIT_S)
    if ran.returncode != 0:
        raise KernelRefusedError(f"{' '.join(command)}: {(ran.stderr or ran.stdout).strip()}")
    return ran.stdout
