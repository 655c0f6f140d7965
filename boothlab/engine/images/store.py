"""The images on the engine: which are there, which are current, which are left over."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from docker.errors import APIError, ImageNotFound

from boothlab.engine.images.recipe import LABEL, REPOSITORY, Recipe

if TYPE_CHECKING:
    from collections.abc import Iterable

    import docker
    from docker.models.images import Image

_CONFLICT: Final = 409


def find(client: docker.DockerClient, reference: str) -> Image | None:
    """Return the image of that name, if it is on the engine."""
    with suppress(ImageNotFound):
        return client.images.get(reference)
    return None


def is_current(client: docker.DockerClient, recipe: Recipe, bases: Iterable[str]) -> bool:
    """Return whether an image is there that needs no rebuilding.

    Its tag must carry the recipe's fingerprint, and where one of its distribution's
    base images is on the engine, it must stand on one: a newly pulled base counts.
    """
    image = find(client, recipe.tag)
    if image is None:
        return False
    layers = _layers(image)
    present = [_layers(base) for name in bases if (base := find(client, name)) is not None]
    return not present or any(layers[: len(base)] == base for base in present)


def _layers(image: Image) -> list[Any]:
    return list(image.attrs["RootFS"]["Layers"])


def remove_outdated(client: docker.DockerClient, name: str, distribution: str, keep: str) -> None:
    """Remove earlier images of that name and distribution, and what failed builds left.

    What a container or another image still uses stays.

    Args:
        client: the engine.
        name: value of the images' label.
        distribution: the tags' beginning; untagged images belong to no distribution.
        keep: the tag that is current.
    """
    prefix = f"{REPOSITORY}/{name}:{distribution}-"
    for image in client.images.list(filters={"label": f"{LABEL}={name}"}):
        ours = [tag for tag in image.tags if tag.startswith(prefix)]
        if keep in image.tags or (image.tags and not ours):
            continue
        for reference in ours or [str(image.id)]:
            _remove_unused(client, reference)


def _remove_unused(client: docker.DockerClient, reference: str) -> None:
    try:
        client.images.remove(reference)
    except ImageNotFound:
        return
    except APIError as error:
        if error.status_code != _CONFLICT:
            raise
