"""Does the engine give containers the rights that nodes need? Only trying tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from boothlab.engine.capabilities import ProbeFailedError, probe_container, run_in
from boothlab.engine.plan import NODE_CAPABILITIES, PLAIN_CAPABILITIES
from boothlab.engine.preflight.finding import Finding

if TYPE_CHECKING:
    import docker

    from boothlab.engine.topology.model import Topology

_OWN_CGROUP: Final = """
folder=/sys/fs/cgroup
[ ! -d $folder/systemd ] || folder=$folder/systemd
mount -o remount,bind,rw $folder && mkdir $folder/probe && rmdir $folder/probe
"""
"""What systemd needs: its own part of the cgroup hierarchy, writable."""


def check_grants(client: docker.DockerClient, topology: Topology, image: str) -> Finding:
    """Try a container of ``image`` with the rights that the topology's nodes need."""
    systemd = topology.cluster == "pacemaker"
    capabilities = NODE_CAPABILITIES if systemd else PLAIN_CAPABILITIES
    more: dict[str, Any] = {"cgroupns": "private"} if systemd else {}
    try:
        with probe_container(
            client,
            image,
            cap_add=list(capabilities),
            security_opt=["seccomp=unconfined", "apparmor=unconfined"],
            **more,
        ) as container:
            code, said = run_in(container, _OWN_CGROUP) if systemd else (0, "")
    except ProbeFailedError as error:
        return _refused(error.message)
    if code:
        return _refused(f"systemd could not write to its cgroup: {said.strip()}")
    return Finding("ok", "grants", f"containers get what nodes need: {', '.join(capabilities)}")


def _refused(why: str) -> Finding:
    return Finding(
        "error",
        "grants",
        f"containers do not get the rights that nodes need: {why}",
        "use an engine that runs as root and is not itself confined (in a container, a sandbox)",
    )
