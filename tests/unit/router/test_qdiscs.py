"""What netem is told over netlink, and what the kernel says there is."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from boothlab.router.netlink import attribute, attributes
from boothlab.router.qdiscs import netem_options, qdiscs

HALF, ALL = 2**31, 2**32 - 1
LATENCY, JITTER, SEED, REORDER, RATE = 10, 11, 14, 3, 6


def told(**effect: Any) -> tuple[dict[str, int], dict[int, tuple[int, ...]]]:  # noqa: ANN401
    """Return the fixed part of netem's options by name, and the attributes."""
    options = netem_options(effect, seed=2**63 + 5)
    names = ("latency", "limit", "loss", "gap", "duplicate", "jitter")
    fixed = dict(zip(names, struct.unpack_from("=6I", options), strict=True))
    formats = {LATENCY: "=q", JITTER: "=q", SEED: "=Q", REORDER: "=II", RATE: "=IiIi"}
    found = attributes(options[24:])
    return fixed, {kind: struct.unpack(formats[kind], value) for kind, value in found.items()}


@pytest.mark.parametrize("kind", ["loss", "duplicate"])
def test_a_share_is_lost_or_doubled(kind: str) -> None:
    fixed, more = told(do=kind, percent=50)

    assert {name: fixed[name] for name in ("loss", "duplicate")} == {
        "loss": HALF if kind == "loss" else 0,
        "duplicate": HALF if kind == "duplicate" else 0,
    }
    assert told(do=kind, percent=100)[0][kind] == ALL
    assert more == {LATENCY: (0,), JITTER: (0,), SEED: (2**63 + 5,)}


def test_a_delay_is_spread_evenly_because_no_other_distribution_is_told() -> None:
    _, more = told(do="delay", delay_ms=20, jitter_ms=5)

    assert more == {LATENCY: (20_000_000,), JITTER: (5_000_000,), SEED: (2**63 + 5,)}


def test_reordering_holds_a_share_back_so_netem_lets_the_others_overtake() -> None:
    fixed, more = told(do="reorder", percent=25, by_ms=60)

    assert fixed["gap"] == 1
    assert more[LATENCY] == (60_000_000,)
    assert more[REORDER][0] == pytest.approx(0.75 * ALL, abs=1)


def test_a_rate_is_told_in_bytes_a_second() -> None:
    assert told(do="rate", kbit_s=400, queue_ms=1000)[1][RATE] == (50_000, 0, 0, 0)


def test_the_kernel_tells_its_qdiscs() -> None:
    assert all(each.device and each.kind for each in qdiscs())


def test_attributes_are_read_as_they_were_written() -> None:
    written = attribute(1, b"netem\0") + attribute(2, b"") + attribute(0x8003, b"abc")

    assert attributes(written) == {1: b"netem\0", 2: b"", 3: b"abc"}
