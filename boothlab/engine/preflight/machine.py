"""Judge the engine itself: its kind, version and the ways it stores and confines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from boothlab.engine.preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MINIMUM_API: Final = (1, 41)
"""Docker Engine 20.10: the first that gives containers a cgroup namespace of their own."""


def judge_engine(version: Mapping[str, Any], info: Mapping[str, Any]) -> Iterator[Finding]:
    """Judge what the engine's ``version`` and ``info`` say."""
    api = tuple(int(part) for part in version["ApiVersion"].split("."))
    name = _name(version)
    if info.get("OSType", "linux") != "linux":
        yield Finding(
            "error",
            "engine.os",
            f"{name} runs {info['OSType']} containers",
            "switch it to Linux containers",
        )
    elif api < MINIMUM_API:
        yield Finding(
            "error",
            "engine.api",
            f"{name} speaks API {version['ApiVersion']}; the lab needs {MINIMUM_API[0]}.{MINIMUM_API[1]}",
            "install Docker Engine 20.10 or newer",
        )
    else:
        yield Finding("ok", "engine", f"{name}, API {version['ApiVersion']}, {_habits(info)}")
    yield from _reservations(name, info)


def _name(version: Mapping[str, Any]) -> str:
    parts = [part.get("Name", "") for part in version.get("Components") or ()]
    kind = "Podman" if any(part.startswith("Podman") for part in parts) else "Docker Engine"
    return f"{kind} {version['Version']}"


def _habits(info: Mapping[str, Any]) -> str:
    cgroup = info.get("CgroupVersion") or "1"  # engines older than 20.10 do not say and know only v1
    return f"storage {info.get('Driver', 'unknown')}, cgroup v{cgroup}"


def _reservations(name: str, info: Mapping[str, Any]) -> Iterator[Finding]:
    if name.startswith("Podman"):
        yield Finding(
            "warning",
            "engine.podman",
            f"{name} answers in Docker's place: it ignores the options that keep the host out of the "
            "lab's networks, and boothlab is not tested with it",
            "use Docker Engine where the lab must be exact",
        )
    if any("name=rootless" in option for option in info.get("SecurityOptions") or ()):
        yield Finding(
            "warning",
            "engine.rootless",
            f"{name} runs rootless: the kernel will not let it give Corosync real-time priority and locked "
            "memory",
            "use the system's engine (docker context use default)",
        )
    if info.get("Driver") == "vfs":
        yield Finding(
            "warning",
            "engine.vfs",
            "storage driver vfs copies an image for every container: slow, and gigabytes per lab",
            'set "storage-driver" to overlay2 or fuse-overlayfs in /etc/docker/daemon.json',
        )
