"""Taking a lab down: everything that carries its label, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.engine import names
from boothlab.engine.lock import exclusive
from boothlab.engine.runtime import Runtime

if TYPE_CHECKING:
    import docker

    from boothlab.engine.progress import Progress


def labs_with_remains(client: docker.DockerClient) -> tuple[str, ...]:
    """Return the names of all labs of which anything is there, running or not."""
    filters: dict[str, str | list[str] | bool] = {"label": names.LABEL_LAB}
    found = {
        container.labels[names.LABEL_LAB]
        for container in client.containers.list(all=True, filters=filters, ignore_removed=True)
    }
    found |= {network.attrs["Labels"][names.LABEL_LAB] for network in client.networks.list(filters=filters)}
    return tuple(sorted(found))


def down(client: docker.DockerClient, lab: str, progress: Progress) -> tuple[str, ...]:
    """Remove a lab, whole or half-built; return the names of what was removed.

    Raises:
        LabBusyError: another process works on it.
    """
    with exclusive(lab), progress.activity(lab, "removing"):
        return Runtime(client, lab).remove_all()
