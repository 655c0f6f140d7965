"""The known state of a lab: taken when it is ready, restored by ``reset``.

The snapshot is kept in the nodes themselves: the CIB's configuration, Booth's files
and which Booth the node runs, as they were when the bring-up was done.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from boothlab.engine.implementations import IN_PLACE, PROGRAMS
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from boothlab.engine.lab import Lab

FOLDER: Final = "/var/lib/boothlab/known"
"""Folder in a node with what is kept."""

_PROGRAMS: Final = " ".join(f"{IN_PLACE}/{program}" for program in PROGRAMS)

RESTORE_BOOTH: Final = (
    f"rm -rf /etc/booth && cp -a {FOLDER}/booth /etc/booth && "
    # A link is removed, not followed: behind it is an implementation's own program. cp's own
    # --remove-destination fails where the engine stores images with fuse-overlayfs.
    f"rm -f {_PROGRAMS} && cp -a {FOLDER}/programs/. {IN_PLACE}"
)
"""Shell command that puts Booth's files back, while it does not run."""


class SnapshotError(BoothlabError):
    """The known state could not be taken."""


def take(lab: Lab) -> None:
    """Keep the known state in every node.

    Raises:
        SnapshotError: a node could not keep it.
    """
    keep_booth = (
        f"rm -rf {FOLDER}/booth {FOLDER}/programs && mkdir -p {FOLDER}/programs && "
        f"cp -a /etc/booth {FOLDER}/booth && cp -a {_PROGRAMS} {FOLDER}/programs"
    )
    # Without a cluster (arbitrator, standalone member) there is no CIB to keep.
    keep_cib = f"cibadmin --query --scope configuration > {FOLDER}/configuration.xml"
    pacemaker = lab.topology.cluster == "pacemaker"
    clustered = {node for site in lab.topology.sites for node in site.nodes} if pacemaker else set()
    scripts = {node: f"{keep_booth} && {keep_cib}" if node in clustered else keep_booth for node in lab.nodes}
    with ThreadPoolExecutor() as pool:
        answers = dict(zip(scripts, pool.map(lab.run, scripts, scripts.values()), strict=True))
    for node, answer in answers.items():
        if not answer.ok:
            raise SnapshotError(
                f"node {node} cannot keep the lab's known state: {answer.output}",
                remedy="`boothlab up` builds the lab anew",
            )
