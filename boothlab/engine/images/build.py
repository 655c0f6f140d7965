"""One build: its progress, its failure, its interruption."""

from __future__ import annotations

import io
from collections import deque
from typing import TYPE_CHECKING, Any, Final

import requests
from docker.errors import DockerException

from boothlab.engine.images.errors import ImageBuildError

if TYPE_CHECKING:
    from threading import Event

    import docker

    from boothlab.engine.images.recipe import Recipe
    from boothlab.engine.progress import Progress

SILENCE_LIMIT_S: Final = 900
"""Seconds a build step may say nothing; committing a layer takes long on slow storage."""

_TAIL_LINES: Final = 30


def build(
    client: docker.DockerClient,
    recipe: Recipe,
    base: str,
    progress: Progress,
    *,
    cancelled: Event,
    use_cache: bool = True,
) -> None:
    """Build an image and tag it.

    Args:
        client: the engine.
        recipe: what to build.
        base: name of the base image, on the engine.
        progress: hears what each step says.
        cancelled: once set, the build ends at the next line it says.
        use_cache: whether steps that the engine did before count.

    Raises:
        ImageBuildError: a step failed, the engine gave up, or it was cancelled.
    """
    said: deque[str] = deque(maxlen=_TAIL_LINES)
    with progress.activity(recipe.repository, "build") as activity:
        try:
            for event in _events(client, recipe, base, use_cache=use_cache):
                if cancelled.is_set():
                    raise ImageBuildError(f"the build of {recipe.tag} was cancelled", reason="cancelled")
                if "error" in event:
                    raise _failed(recipe, base, str(event["error"]), said)
                for line in _lines(event):
                    said.append(line)
                    activity.detail(line)
        except (DockerException, requests.RequestException) as error:
            raise _failed(recipe, base, str(getattr(error, "explanation", None) or error), said) from error


def _events(client: docker.DockerClient, recipe: Recipe, base: str, *, use_cache: bool) -> Any:  # noqa: ANN401
    return client.api.build(
        fileobj=io.BytesIO(recipe.context),
        custom_context=True,
        dockerfile=recipe.dockerfile,
        buildargs={"BASE": base},
        tag=recipe.tag,
        nocache=not use_cache,
        rm=True,
        forcerm=True,
        decode=True,
        timeout=SILENCE_LIMIT_S,
    )


def _lines(event: dict[str, Any]) -> list[str]:
    text = str(event.get("stream") or "").replace("\r", "\n")
    return [line.strip() for line in text.split("\n") if line.strip()]


def _failed(recipe: Recipe, base: str, error: str, said: deque[str]) -> ImageBuildError:
    end = "".join(f"\n    {line}" for line in said)
    return ImageBuildError(
        f"building {recipe.tag} failed: {error}" + (f"\n  the last it said:{end}" if end else ""),
        reason=f"its image does not build ({said[-1] if said else error})",
        remedy="look at the last lines: a package that cannot be fetched is the network's or the mirror's "
        f"fault. By hand: docker build --build-arg BASE={base} -f lab/images/{recipe.dockerfile} lab/images",
    )
