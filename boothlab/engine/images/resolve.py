"""Which images a topology's lab runs on: the first choice that can be had."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Final

from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.images import bases, store
from boothlab.engine.images.build import build
from boothlab.engine.images.errors import ImageError
from boothlab.engine.images.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Sequence

    import docker

    from boothlab.engine.progress import Progress
    from boothlab.engine.topology.model import Distribution, Topology

REBUILD_VARIABLE: Final = "BOOTHLAB_REBUILD"
"""Environment variable: when not empty, images are made anew, base images included."""

_PLAIN: Final[Distribution] = "debian12"
# What the router and the members without Pacemaker stand on, whatever the nodes do.


@dataclass(frozen=True)
class ImageSet:
    """The tags of a lab's images."""

    distribution: Distribution
    """What the nodes run."""
    node: str
    router: str


def resolve(
    client: docker.DockerClient, topology: Topology, progress: Progress, *, rebuild: bool | None = None
) -> ImageSet:
    """Return images for a topology, building what is missing or outdated.

    The topology's distributions are tried in its order; when another than the first
    is taken, the progress is told which and why. Nobody is asked over the network
    for a distribution whose images are there.

    Args:
        client: the engine.
        topology: what to find images for.
        progress: hears of pulls, builds and replacements.
        rebuild: make everything anew; as BOOTHLAB_REBUILD says when left out.

    Raises:
        ImageError: no distribution of the topology can be had.
    """
    anew = bool(os.environ.get(REBUILD_VARIABLE)) if rebuild is None else rebuild
    workshop = _Workshop(client, progress, anew=anew)
    choices = _choices(topology)
    refused: list[str] = []
    for distribution in choices:
        try:
            found = workshop.images(_node_recipe(topology, distribution))
        except ImageError as error:
            if distribution == choices[-1]:
                raise
            refused.append(f"{DISTRIBUTIONS[distribution].title}: {error.reason}")
            continue
        if refused:
            title = DISTRIBUTIONS[distribution].title
            progress.note(f"the nodes run {title} instead. {'; '.join(refused)}")
        return found
    raise AssertionError("a topology has at least one distribution")


def _choices(topology: Topology) -> tuple[Distribution, ...]:
    return (_PLAIN,) if topology.cluster == "standalone" else topology.distribution


def _node_recipe(topology: Topology, distribution: Distribution) -> Recipe:
    standalone = topology.cluster == "standalone"
    return Recipe("standalone" if standalone else DISTRIBUTIONS[distribution].image, distribution)


class _Workshop:
    """Makes images, each at most once."""

    def __init__(self, client: docker.DockerClient, progress: Progress, *, anew: bool) -> None:
        self._client = client
        self._progress = progress
        self._anew = anew
        self._bases = bases.Bases(client, progress, renew=anew)
        self._made: set[str] = set()

    def images(self, node: Recipe) -> ImageSet:
        """Return current images of a node and the router.

        Raises:
            ImageError: one of them cannot be had.
        """
        router = Recipe("router", _PLAIN)
        # All bases first: a build is not worth starting where another's base is missing.
        wanted = [(recipe, self._bases.get(recipe.distribution)) for recipe in self._missing(node, router)]
        self._build_all(wanted)
        return ImageSet(node.distribution, node.tag, router.tag)

    def _missing(self, *recipes: Recipe) -> list[Recipe]:
        return [recipe for recipe in recipes if not self._is_current(recipe)]

    def _is_current(self, recipe: Recipe) -> bool:
        if self._anew:
            return recipe.tag in self._made
        return store.is_current(self._client, recipe, bases.names(recipe.distribution))

    def _build_all(self, wanted: Sequence[tuple[Recipe, str]]) -> None:
        if not wanted:
            return
        cancelled = Event()
        with ThreadPoolExecutor(max_workers=len(wanted)) as pool:
            builds = [pool.submit(self._build, recipe, base, cancelled) for recipe, base in wanted]
            try:
                for each in builds:
                    each.result()
            except KeyboardInterrupt:
                cancelled.set()
                raise

    def _build(self, recipe: Recipe, base: str, cancelled: Event) -> None:
        build(
            self._client,
            recipe,
            base,
            self._progress,
            cancelled=cancelled,
            use_cache=not self._anew,
        )
        self._made.add(recipe.tag)
        store.remove_outdated(self._client, recipe.image, recipe.distribution, keep=recipe.tag)
