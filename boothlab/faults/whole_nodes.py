"""What happens to a node as a whole: its wall clock is wrong, or there is no room for its CIB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.engine.mending import ASIDE, CIB, FULL, GIVE_ROOM, NO_ROOM, SET_CLOCK
from boothlab.faults.doing import do

if TYPE_CHECKING:
    from boothlab.engine.lab import Lab
    from boothlab.nemesis import process

_PRELOAD: Final = "/etc/ld.so.preload"

_HAS_CLOCK: Final = f"""[ -x {SET_CLOCK} ] && grep -q wall-clock {_PRELOAD} 2> /dev/null ||
    echo "the image of $(hostname) has nothing that can make its clock wrong: {SET_CLOCK} is not in it"
"""

_MAY_MOUNT: Final = """caps=$(sed -n 's/^CapEff:[[:space:]]*/0x/p' /proc/self/status)
[ $((caps >> 21 & 1)) = 1 ] || echo "$(hostname) may not mount anything (SYS_ADMIN)"
"""

_STAND_IN: Final = "/usr/sbin/crm_ticket"
_HEEDS_ROOM: Final = f"""cat {_STAND_IN} {_STAND_IN}{ASIDE} 2> /dev/null | grep -q '"{FULL}"' ||
    echo "the stand-in of $(hostname) for crm_ticket knows nothing of full disks: it is too old"
"""

# A file system in memory of just the size of what is in it.
_FILL: Final = f"""set -e
! mountpoint -q {CIB} || {{ echo "something is mounted at {CIB} already"; exit 1; }}
full=/run/boothlab/full
mkdir -p $full
mount -t tmpfs -o size=64m,mode=700 tmpfs $full
trap 'umount $full' EXIT
cp -a {CIB}/. $full/
mkdir $full/{FULL}
find $full -maxdepth 1 -type f -exec ln -t $full/{FULL} {{}} +
mount -o remount,size=$(df -k --output=used $full | tail -n 1 | tr -d ' ')k $full
mount --bind $full {CIB}
"""

# Pacemaker writes its CIB when that changes.
_TOUCH_CIB: Final = (
    "timeout 10 crm_attribute --name boothlab-room --update true"
    " && timeout 10 crm_attribute --name boothlab-room --delete"
)


def step_clock(lab: Lab, fault: process.StepClock, node: str) -> None:
    """Let the wall clock of all processes of a node jump."""
    do(lab, node, f"{SET_CLOCK} step {fault.step_ms}")


def step_back(lab: Lab, _fault: process.StepClock, node: str) -> None:
    """Take a step back; fine when there was none."""
    do(lab, node, f"{SET_CLOCK} step 0")


def drift_clock(lab: Lab, fault: process.DriftClock, node: str) -> None:
    """Let the wall clock of all processes of a node run at another rate from now on."""
    do(lab, node, f"{SET_CLOCK} drift {fault.rate!r}")


def end_drift(lab: Lab, _fault: process.DriftClock, node: str) -> None:
    """Let it run at its own rate, and show the time that it would show; fine when it does."""
    do(lab, node, f"{SET_CLOCK} drift 1")


def has_clock(lab: Lab, node: str) -> str | None:
    """Return why the wall clock of a node cannot be made wrong, or None when it can."""
    return do(lab, node, _HAS_CLOCK).strip() or None


def fill_disk(lab: Lab, _fault: process.FillDisk, node: str) -> None:
    """Leave no room where a node keeps its CIB."""
    do(lab, node, _FILL if lab.topology.cluster == "pacemaker" else f"touch {NO_ROOM}")


def give_room(lab: Lab, _fault: process.FillDisk, node: str) -> None:
    """Give it room again, and have Pacemaker write what it could not; fine when it has room."""
    do(lab, node, GIVE_ROOM)
    if lab.topology.cluster == "pacemaker":
        do(lab, node, f"({_TOUCH_CIB}) > /dev/null 2>&1 || true")


def has_full_disks(lab: Lab, node: str) -> str | None:
    """Return why a node's disk cannot be full, or None when it can."""
    asked = _MAY_MOUNT if lab.topology.cluster == "pacemaker" else _HEEDS_ROOM
    return do(lab, node, asked).strip() or None
