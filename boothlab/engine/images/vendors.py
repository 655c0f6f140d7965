"""Images that a topology's implementations bring along: they are there, or it is told how to make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.engine.images import store
from boothlab.engine.images.errors import ImageError

if TYPE_CHECKING:
    import docker

    from boothlab.engine.topology.model import Topology


def require(client: docker.DockerClient, topology: Topology, *, base: str) -> None:
    """Check that the image of every implementation that a member runs is on the engine.

    ``base`` is the tag of the lab's own image for nodes, which such an image stands on.

    Raises:
        ImageError: one is not; nothing is pulled, for it is somebody's own work.
    """
    used = {member.implementation for member in topology.members}
    for name, definition in topology.implementations.items():
        if name in used and definition.image and store.find(client, definition.image) is None:
            raise ImageError(
                f"implementation {name}: the engine has no image {definition.image}",
                reason="it is not on the engine",
                remedy=f"build it upon the lab's own: docker build --build-arg BASE={base} "
                f"-t {definition.image} FOLDER, with a Dockerfile that begins: ARG BASE, FROM $BASE",
            )
