"""What is said of the engine itself."""

from __future__ import annotations

from typing import Any

import pytest

from boothlab.engine.preflight.machine import judge_engine

VERSION: dict[str, Any] = {
    "Version": "20.10.24",
    "ApiVersion": "1.41",
    "Components": [{"Name": "Engine", "Version": "20.10.24"}],
}
INFO: dict[str, Any] = {
    "OSType": "linux",
    "Driver": "overlay2",
    "CgroupVersion": "2",
    "SecurityOptions": ["name=seccomp,profile=default"],
}


def test_a_good_engine_is_one_line_with_its_storage_and_cgroup_version() -> None:
    (finding,) = judge_engine(VERSION, INFO)

    assert finding.severity == "ok"
    assert finding.what == "Docker Engine 20.10.24, API 1.41, storage overlay2, cgroup v2"


@pytest.mark.parametrize(
    ("version", "info", "severity", "code", "remedy"),
    [
        ({"ApiVersion": "1.40"}, {}, "error", "engine.api", "20.10 or newer"),
        ({"ApiVersion": "1.9"}, {}, "error", "engine.api", "20.10 or newer"),
        ({}, {"OSType": "windows"}, "error", "engine.os", "Linux containers"),
        (
            {"Components": [{"Name": "Podman Engine"}], "Version": "5.4.0"},
            {},
            "warning",
            "engine.podman",
            "Docker Engine",
        ),
        ({}, {"SecurityOptions": ["name=rootless"]}, "warning", "engine.rootless", "system's engine"),
        ({}, {"Driver": "vfs"}, "warning", "engine.vfs", "overlay2"),
    ],
)
def test_a_restriction_is_told_with_its_remedy(
    version: dict[str, Any], info: dict[str, Any], severity: str, code: str, remedy: str
) -> None:
    found = {each.code: each for each in judge_engine(VERSION | version, INFO | info)}

    assert found[code].severity == severity
    assert remedy in found[code].remedy
    assert ("engine" in found) == (severity == "warning")


def test_a_newer_api_is_not_compared_as_text() -> None:
    (finding,) = judge_engine(VERSION | {"ApiVersion": "1.100"}, INFO)

    assert finding.severity == "ok"
