"""Any fault, any schedule: for properties that hold for all."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from boothlab.nemesis import network, packets, process
from boothlab.nemesis.schedule import Entry, Schedule
from boothlab.nemesis.targets import SYMBOLS, Shape

SHAPE: Final = Shape(sites=("A", "B"), arbitrators=("C",))
names = st.lists(st.sampled_from([*SHAPE.members, *SYMBOLS]), unique=True, max_size=3).map(tuple)
some = names.filter(bool)
only = st.sampled_from(network.TRAFFIC)
times = st.integers(1, 100_000)
percents = st.one_of(st.integers(1, 100).map(float), st.floats(0.01, 100))
links: Final[dict[str, Any]] = {"sources": names, "targets": names, "only": only}
messages = st.sampled_from(network.MESSAGES)
addressed: Final[dict[str, Any]] = {
    "sources": names,
    "targets": names,
    "address": st.sampled_from(packets.ADDRESSES),
}
programs: Final[dict[str, Any]] = {"at": some, "mode": st.sampled_from(process.MODES), "delay_ms": times}

faults = st.one_of(
    st.builds(network.Partition, shape=st.sampled_from(network.SHAPES), members=some, only=only),
    st.builds(network.OneWay, sources=some, targets=names, only=only),
    st.builds(network.Loss, percent=percents, **links),
    st.builds(network.Duplicate, percent=percents, **links),
    st.builds(network.Corrupt, percent=percents, **links),
    st.builds(network.Reorder, percent=percents, by_ms=times, **links),
    st.builds(network.Delay, delay_ms=times.map(lambda ms: ms + 50), jitter_ms=st.integers(0, 50), **links),
    st.builds(network.Rate, kbit_s=times, queue_ms=times, **links),
    st.builds(network.Flap, down_ms=times, up_ms=times, **links),
    st.builds(packets.Forge, message=messages, wrong=st.sampled_from(packets.WRONG), **addressed),
    st.builds(packets.Replay, only=messages, after_ms=times, every_ms=times, **addressed),
    st.builds(packets.Truncate, size=st.integers(1, 151), **addressed),
    st.builds(packets.Flood, sources=names, targets=names, what=st.sampled_from(packets.FLOODS)),
    *(st.builds(each, at=some) for each in (process.KillBooth, process.PauseBooth, process.RestartBooth)),
    *(
        st.builds(each, at=some, node=st.sampled_from(process.NODES))
        for each in (process.KillNode, process.RestartNode, process.PauseNode, process.KillCorosync)
    ),
    *(st.builds(each, at=some) for each in (process.StopCluster, process.MoveBooth, process.FillDisk)),
    *(st.builds(each, **programs) for each in (process.BreakCrmTicket, process.BreakHandler)),
    st.builds(process.StepClock, at=some, step_ms=times),
    st.builds(process.DriftClock, at=some, rate=st.floats(0.1, 0.9)),
    st.builds(process.FailResource, at=some, resource=st.just("WebSite")),
)
entries = st.builds(
    Entry,
    at_ms=st.integers(0, 100_000),
    fault=faults,
    lasts_ms=st.none() | st.integers(0, 50_000),
    seed=st.integers(0, 2**31),
)
schedules = st.builds(
    Schedule,
    shape=st.just(SHAPE),
    duration_ms=st.integers(1, 100_000),
    entries=st.lists(entries, max_size=8).map(tuple),
    seed=st.none() | st.integers(0, 2**31),
)
