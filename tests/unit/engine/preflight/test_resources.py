"""Estimates of memory and disk space, and what follows from them."""

from __future__ import annotations

import pytest

from boothlab.engine.preflight.resources import (
    available_mb,
    images_complete,
    judge_disk,
    judge_memory,
    memory_mb,
)
from boothlab.engine.topology.load import load
from boothlab.engine.topology.model import Topology


def topology(**changes: str) -> Topology:
    article = {
        "name": "three-site",
        "networks": {"n": {"subnet": "10.0.0.0/24"}},
        "sites": [
            {
                "name": "A",
                "network": "n",
                "address": "10.0.0.10",
                "nodes": {"a1": "10.0.0.1", "a2": "10.0.0.2"},
            },
            {
                "name": "B",
                "network": "n",
                "address": "10.0.0.20",
                "nodes": {"b1": "10.0.0.3", "b2": "10.0.0.4"},
            },
        ],
        "arbitrators": [{"name": "C", "network": "n", "address": "10.0.0.30"}],
    }
    return Topology.model_validate(article | changes)


@pytest.mark.parametrize(
    ("changes", "measured_mb"),
    [
        ({"provision": "pcs"}, 1400),
        ({"provision": "direct"}, 700),
        ({"cluster": "standalone"}, 160),
    ],
)
def test_the_estimate_is_near_what_was_measured(changes: dict[str, str], measured_mb: int) -> None:
    assert memory_mb(topology(**changes)) == pytest.approx(measured_mb, rel=0.25)


def test_a_member_on_python_takes_about_as_much_more_as_was_measured() -> None:
    standalone = [
        memory_mb(load("standalone", subject=subject).topology) for subject in ("clusterlabs", "python")
    ]

    assert standalone[1] - standalone[0] == pytest.approx(3 * 22, rel=0.25)


@pytest.mark.parametrize(
    ("available", "running", "severity"),
    [
        (1000, 0, "error"),
        (1500, 0, "warning"),
        (2000, 0, "ok"),
        (1000, 4, "ok"),
        (10, 6, "ok"),
        (10, 7, "ok"),
    ],
)
def test_memory_counts_only_for_nodes_that_do_not_run_yet(
    available: int, running: int, severity: str
) -> None:
    finding = judge_memory(topology(provision="pcs"), running=running, available_mb=available)

    assert finding.severity == severity
    assert bool(finding.remedy) == (severity != "ok")
    assert f"{available} MB" in finding.what


@pytest.mark.parametrize(
    ("cluster", "there", "complete"),
    [
        ("pacemaker", {"router", "debian"}, True),
        ("pacemaker", {"router", "rocky"}, True),
        ("pacemaker", {"router", "standalone"}, False),
        ("pacemaker", {"debian"}, False),
        ("standalone", {"router", "standalone"}, True),
        ("standalone", {"router", "debian"}, False),
        ("standalone", set(), False),
    ],
)
def test_images_are_complete_with_a_router_and_a_fitting_node(
    cluster: str, there: set[str], complete: bool
) -> None:
    assert images_complete(topology(cluster=cluster), there) is complete


@pytest.mark.parametrize(("free", "severity"), [(500, "warning"), (1999, "warning"), (2000, "ok")])
def test_little_disk_space_for_images_is_a_warning(free: int, severity: str) -> None:
    finding = judge_disk(free_mb=free, folder="/var/lib/docker")

    assert finding.severity == severity
    assert "/var/lib/docker" in finding.what


def test_available_memory_is_read_from_meminfo() -> None:
    assert available_mb("MemTotal: 2048 kB\nMemAvailable:    1048576 kB\n") == 1024


def test_available_memory_is_unknown_where_the_kernel_does_not_say() -> None:
    assert available_mb("") is None
