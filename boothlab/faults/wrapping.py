"""Programs in nodes that are slow, hang or fail: a script is put in front of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.engine.mending import ASIDE, WRAPPED
from boothlab.faults.doing import do

if TYPE_CHECKING:
    from boothlab.engine.lab import Lab

_BEGIN: Final = f"""set -e
path=$1
[ -f "$path" ] || {{ echo "there is no program $path"; exit 1; }}
[ ! -e "$path{ASIDE}" ] || {{ echo "a fault of $path is applied already"; exit 1; }}
mkdir -p {WRAPPED.rpartition("/")[0]}
printf '%s' "$2" > "$path.new"
chmod 755 "$path.new"
echo "$path" >> {WRAPPED}
ln "$path" "$path{ASIDE}"
mv -f "$path.new" "$path"
"""

_END: Final = f"""path=$1
[ ! -e "$path{ASIDE}" ] || mv -f "$path{ASIDE}" "$path"
"""

# What it hides may come back while it waits.
_GO_ON: Final = (
    """own={path}"""
    + ASIDE
    + """; [ -e "$own" ] || own={path}; exec "$own" "$@"
"""
)


def script(path: str, mode: str, delay_ms: int = 0, condition: str = "true") -> str:
    """Return the script that stands in front of a program.

    Args:
        path: the program's.
        mode: slow, hang (until the program is back) or fail.
        delay_ms: how slow.
        condition: shell text; where it fails, the program is run at once.
    """
    acts = {
        "slow": f"sleep {delay_ms / 1000:g}",
        "hang": f'while [ -e "{path}{ASIDE}" ]; do sleep 0.05; done',
        "fail": f'echo "{path}: a fault of boothlab" >&2; exit 1',
    }
    return f"#!/bin/sh\nif {condition}; then {acts[mode]}; fi\n{_GO_ON.format(path=path)}"


def wrap(lab: Lab, node: str, path: str, text: str) -> None:
    """Put a script in front of a program.

    Raises:
        FaultFailedError: there is no such program, or one stands before it already.
    """
    do(lab, node, _BEGIN, path, text)


def unwrap(lab: Lab, node: str, path: str) -> None:
    """Put a program back; fine when it is."""
    do(lab, node, _END, path)
