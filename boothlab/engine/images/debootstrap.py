"""A Debian base image without a registry: debootstrap, then an import."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections import deque
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Final

from docker.errors import DockerException

from boothlab.engine.images import store
from boothlab.engine.images.errors import BaseImageError
from boothlab.engine.images.recipe import LABEL, REPOSITORY, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker

    from boothlab.engine.progress import Activity, Progress
    from boothlab.engine.topology.model import Distribution

LIMIT_S: Final = 1200
"""Seconds debootstrap may take in all."""

_NAME: Final = "base"
_FOLDER_PREFIX: Final = "boothlab-base-"
_KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_TAIL_LINES: Final = 15

# It dies with us, even by SIGKILL, and in mount and process namespaces of its own all
# of it does, leaving nothing mounted in the folder.
_COMMAND: Final = (
    "setpriv", "--pdeathsig", "KILL",
    "unshare", "--mount", "--pid", "--fork", "--kill-child",
    "debootstrap", "--variant=minbase",
)  # fmt: skip

# Caches, manuals, and what debootstrap copied from this host.
_LEFT_OUT: Final = (
    "./var/cache/apt/*",
    "./var/lib/apt/lists/*",
    "./var/log/*.log",
    "./usr/share/doc/*",
    "./usr/share/info/*",
    "./usr/share/locale/*",
    "./usr/share/man/*",
    "./etc/hostname",
    "./etc/resolv.conf",
)


def tag(distribution: Distribution) -> str:
    """Return the name of the base image that ``make`` makes."""
    recipe = "\n".join((*_COMMAND, *_LEFT_OUT))
    return f"{REPOSITORY}/{_NAME}:{distribution}-{fingerprint(recipe.encode())}"


def make(client: docker.DockerClient, distribution: Distribution, suite: str, progress: Progress) -> str:
    """Make a base image and return its name.

    Raises:
        BaseImageError: we are not root, or debootstrap or the import failed.
    """
    _require_root()
    name = tag(distribution)
    with progress.activity(name, "debootstrap") as activity:
        _require_program(activity)
        with _scratch_folder() as folder:
            _run([*_COMMAND, suite, str(folder / "root")], activity)
            activity.detail("import")
            _import(client, folder / "root", name)
    store.remove_outdated(client, _NAME, distribution, keep=name)
    return name


def _require_root() -> None:
    if os.geteuid() != 0:
        raise BaseImageError(
            "making a Debian base image with debootstrap needs root",
            reason="debootstrap needs root",
            remedy="run this as root once (the images stay), or let the engine pull debian:bookworm-slim",
        )


def _require_program(activity: Activity) -> None:
    if shutil.which("debootstrap") and _KEYRING.exists():
        return
    if shutil.which("apt-get") is None:
        raise BaseImageError(
            "making a Debian base image needs debootstrap, which is not installed",
            reason="debootstrap is not installed",
            remedy="install debootstrap, or let the engine pull debian:bookworm-slim",
        )
    activity.detail("installing debootstrap with apt-get")
    _run(["apt-get", "update"], activity)
    _run(["apt-get", "install", "--yes", "debootstrap", "debian-archive-keyring"], activity)


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    """Provide a folder and remove it, and those that killed processes left.

    Not in /tmp by default: that may be small, in memory, or mounted nodev.
    """
    place = Path(os.environ.get("TMPDIR", "/var/tmp"))  # noqa: S108 - mkdtemp makes a private folder in it
    for left in place.glob(f"{_FOLDER_PREFIX}*"):
        _remove_if_left(left)
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir=place))
    folder.chmod(0o755)  # debootstrap's own user fetches packages into it
    with _held(folder):
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_if_left(folder: Path) -> None:
    with suppress(OSError), _held(folder) as free:
        if free:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a folder's lock, if no living process does; yield whether it was free."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _run(command: list[str], activity: Activity) -> None:
    said: deque[str] = deque(maxlen=_TAIL_LINES)
    environment = os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        limit = Timer(LIMIT_S, process.kill)
        limit.start()
        try:
            for line in process.stdout:
                said.append(line.strip())
                activity.detail(line.strip())
        except BaseException:
            process.kill()
            process.stdout.read()  # to the end: until the last of its children is gone
            raise
        finally:
            limit.cancel()
    if process.returncode != 0:
        raise _failed(" ".join(command), process.returncode, said)


def _failed(command: str, status: int, said: deque[str]) -> BaseImageError:
    end = "".join(f"\n    {line}" for line in said)
    return BaseImageError(
        f"{command} failed with exit status {status}\n  the last it said:{end}",
        reason="debootstrap failed",
        remedy="look at the last lines: what cannot be fetched is the network's or the mirror's fault",
    )


def _import(client: docker.DockerClient, root: Path, name: str) -> None:
    command = ["tar", "--numeric-owner", *(f"--exclude={path}" for path in _LEFT_OUT)]
    repository, _, version = name.rpartition(":")
    changes = [f"LABEL {LABEL}={_NAME}", 'CMD ["bash"]']
    with subprocess.Popen([*command, "-C", str(root), "-c", "."], stdout=subprocess.PIPE) as tar:
        try:
            client.api.import_image_from_data(tar.stdout, repository=repository, tag=version, changes=changes)
        except DockerException as error:
            raise _not_imported(name, str(error)) from error
        finally:
            tar.kill()
    if store.find(client, name) is None:
        raise _not_imported(name, "the engine did not keep it")


def _not_imported(name: str, why: str) -> BaseImageError:
    return BaseImageError(
        f"importing the base image {name} failed: {why}",
        reason="importing its base image failed",
        remedy="look at the engine's log; a full disk is the usual cause (docker system df)",
    )
