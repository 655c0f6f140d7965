"""What faults leave in a node, and the shell text that undoes it without asking what was done.

A reset runs all of it. Whoever applies a fault takes its paths from here.
"""

from __future__ import annotations

from typing import Final

WRAPPED: Final = "/var/lib/boothlab/wrapped"
"""Paths of programs that a fault has put another in front of, one a line."""
ASIDE: Final = ".boothlab"
"""What the program's own file is called meanwhile: its path and this."""
UNWRAP: Final = (
    f"while read -r path; do mv -f $path{ASIDE} $path; done 2>/dev/null < {WRAPPED}; rm -f {WRAPPED}"
)
"""Puts all such programs back; fine when there are none."""

SET_CLOCK: Final = "/usr/lib/boothlab/set-wall-clock"
"""Program that makes the wall clock of all processes of a node wrong."""
RIGHT_CLOCK: Final = f"[ ! -x {SET_CLOCK} ] || {{ {SET_CLOCK} step 0; {SET_CLOCK} drift 1; }}"
"""Makes the wall clock right; fine when it is."""

NO_ROOM: Final = "/var/lib/booth-cib.full"
"""File that a stand-in's CIB is not written beside: its disk is full."""
CIB: Final = "/var/lib/pacemaker/cib"
"""Folder where Pacemaker keeps its CIB."""
FULL: Final = ".full"
"""Folder on that folder's full disk, with another name for every file: what is deleted makes no room."""
GIVE_ROOM: Final = f"""(
set -e
rm -f {NO_ROOM}
mountpoint -q {CIB} || exit 0
mkdir -p /run/boothlab/beneath
mount --bind {CIB.rpartition("/")[0]} /run/boothlab/beneath
beneath=/run/boothlab/beneath/{CIB.rpartition("/")[2]}
rm -rf {CIB}/{FULL}
cp -a {CIB}/. $beneath/
for file in $beneath/*; do
    [ -e {CIB}/${{file##*/}} ] || rm -f $file
done
umount /run/boothlab/beneath
umount -l {CIB}
pkill -PIPE -x pacemaker-based || true
)"""
"""Gives the CIB room again, its files as they are by now; fine when it has room.

SIGPIPE has Pacemaker write its CIB again, which it no longer does once that has failed.
"""
