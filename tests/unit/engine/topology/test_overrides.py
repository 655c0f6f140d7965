"""Overrides: ``--set apacheticket.expire=20``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boothlab.engine.topology import overrides
from boothlab.engine.topology.changes import differences
from boothlab.engine.topology.load import load
from boothlab.engine.topology.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from boothlab.engine.topology.model import Ticket, Topology


UNCLOSED = (
    "broken YAML: expected ',' or '}', but got '<stream end>' while parsing a flow mapping "
    "that begins in line 1; look for a missing quote, bracket, colon or indentation there"
)
TOO_SHORT = (
    "timeout * (retries + 1) = 5 s * 11 = 55 s must be less than the renewal time of 10 s (half of expire); "
    "write expire: 111 or more, or timeout: 909ms or less"
)
NO_TIME = "-1 is not a time; write whole seconds (5) or milliseconds (500ms)"
NO_TARGET = (
    "'x' is neither a ticket nor a part of a topology; write TICKET.OPTION=VALUE or one of name, "
    "description, cluster, provision, distribution, networks, sites, arbitrators, resources, booth, tickets, "
    "implementations"
)


def _article(*given_overrides: str) -> Topology:
    return load("three-site", overrides=given_overrides).topology


def _ticket(topology: Topology) -> Ticket:
    return topology.tickets["apacheticket"]


def _vip(topology: Topology) -> str:
    return topology.resources["apachegroup"][1].parameters_at("A")["ip"]


def _monitor(topology: Topology) -> object:
    return topology.resources["apachegroup"][1].operations["monitor"]["interval"]


def _first_node(topology: Topology) -> str:
    return str(topology.hosts()["clusterA-1"])


@pytest.mark.parametrize(
    ("override", "look", "expected"),
    [
        ("apacheticket.expire=200", lambda lab: _ticket(lab).expire, 200),
        ("tickets.apacheticket.expire=200", lambda lab: _ticket(lab).expire, 200),
        ("apacheticket.acquire-after=500ms", lambda lab: _ticket(lab).acquire_after, "500ms"),
        ("apacheticket.granted=", lambda lab: _ticket(lab).granted, None),
        ("apacheticket.attr-prereq=[auto a eq b]", lambda lab: _ticket(lab).attr_prereq, ("auto a eq b",)),
        ("provision=direct", lambda lab: lab.provision, "direct"),
        ("distribution=debian12", lambda lab: lab.distribution, ("debian12",)),
        ("distribution=[rocky8, debian12]", lambda lab: lab.distribution, ("rocky8", "debian12")),
        ("sites.A.address=192.168.101.99", lambda lab: str(lab.site("A").address), "192.168.101.99"),
        ("sites.0.address=192.168.101.99", lambda lab: str(lab.site("A").address), "192.168.101.99"),
        ("sites.A.nodes.clusterA-1=192.168.101.9", _first_node, "192.168.101.9"),
        ("resources.apachegroup.VIP.parameters.ip.A=192.168.101.9", _vip, "192.168.101.9"),
        ("resources.apachegroup.VIP.operations.monitor={interval: 5s}", _monitor, "5s"),
        ("booth.name=geo", lambda lab: lab.booth.name, "geo"),
    ],
)  # fmt: skip
def test_an_override_changes_what_it_names(
    override: str, look: Callable[[Topology], object], expected: object
) -> None:
    assert look(_article(override)) == expected


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("expire", "has no value; write TARGET=VALUE, e.g. apacheticket.expire=20"),
        ("=20", "has no value; write TARGET=VALUE, e.g. apacheticket.expire=20"),
        ("provide=pcs", "'provide' is neither a ticket nor a part of a topology; write provision"),
        ("tt.expire=20", "'tt' is neither a ticket nor a part of a topology; write t"),
        ("tickets.u.expire=20", "tickets has no 'u'; write t"),
        ("sites.b.address=192.168.2.9", "sites has no 'b'; write B"),
        ("sites.2.address=192.168.2.9", "sites has no '2'; write A or B"),
        ("sites.B.nodes.b2=192.168.2.9", "sites[1].nodes has no 'b2'; write b1"),
        ("networks.d.subnet=10.0.0.0/24", "networks has no 'd'; write a, b or c"),
        ("name.first=x", "name has no parts; write name=VALUE"),
        ("sites.A.nodse.a1=192.168.1.9", "sites[0] has no 'nodse'; write nodes"),
        ("t.expire={a", UNCLOSED),
        ("booth={port: 1, port: 2}", "stands here a second time, first in line 1; leave one of them out"),
        ("t.expires=20", "tickets.t.expires: is unknown here; write expire, which stands there already"),
        ("t.retries=many", "tickets.t.retries: 'many' is not a whole number; write retries: 10"),
        ("booth.port=0", "booth.port: 0 is out of range; write 1 to 65535"),
        ("sites.A.network=d", "sites[0].network: there is no network 'd'; write a, b or c"),
    ],
)  # fmt: skip
def test_an_override_that_cannot_be_is_told_with_its_own_text(
    override: str, expected: str, right: str, told: Callable[..., list[str]]
) -> None:
    assert f"--set {override}: {expected}" in told(right, override)


def test_an_override_is_judged_together_with_the_file(right: str, told: Callable[..., list[str]]) -> None:
    assert told(right, "t.expire=20") == [f"--set t.expire=20: tickets.t.timeout: {TOO_SHORT}"]


def test_overrides_that_only_work_together_are_taken_together(
    right: str, told: Callable[..., list[str]]
) -> None:
    assert told(right, "t.expire=20", "t.timeout=2", "t.retries=3") == []


def test_the_last_of_two_overrides_wins_and_is_the_one_told(
    right: str, told: Callable[..., list[str]]
) -> None:
    assert told(right, "t={expire: 0}", "t.expire=-1") == [f"--set t.expire=-1: tickets.t.expire: {NO_TIME}"]
    assert told(right, "t.expire=-1", "t.expire=300") == []


def test_every_override_that_cannot_be_is_told(right: str, told: Callable[..., list[str]]) -> None:
    assert told(right, "x=1", "sites.Z.address=1") == [
        f"--set x=1: {NO_TARGET}",
        "--set sites.Z.address=1: sites has no 'Z'; write A or B",
    ]


@pytest.mark.parametrize(
    ("subject", "implementations"),
    [
        ("", ["clusterlabs", "python", "clusterlabs"]),
        ("python", ["python", "python", "python"]),
        ("clusterlabs", ["clusterlabs", "clusterlabs", "clusterlabs"]),
        ("A=python", ["python", "python", "clusterlabs"]),
        ("B=clusterlabs, C=python", ["clusterlabs", "clusterlabs", "python"]),
    ],
)
def test_a_subject_chooses_the_implementation_of_all_members_or_of_some(
    subject: str, implementations: list[str]
) -> None:
    topology = load("three-site-mixed", subject=subject).topology

    assert [member.implementation for member in topology.members] == implementations


def test_a_subject_is_part_of_what_a_lab_was_built_from() -> None:
    before, after = load("three-site").topology, load("three-site", subject="B=python").topology

    assert list(differences(before, after)) == ["sites.B.implementation: clusterlabs -> python"]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("pythn", "sites[0].implementation: there is no Booth implementation 'pythn'; {python}"),
        ("D=python", "there is no member 'D'; write A, B or C"),
        ("A=", "is neither one implementation nor a list; write NAME or A=NAME,B=NAME"),
        ("python,clusterlabs", "is neither one implementation nor a list; write NAME or A=NAME,B=NAME"),
        ("C=pythn", "arbitrators[0].implementation: there is no Booth implementation 'pythn'; {python}"),
    ],
)
def test_a_subject_that_cannot_be_is_told_with_its_own_text(
    subject: str, expected: str, right: str, told: Callable[..., list[str]]
) -> None:
    python = "write python, or define it under implementations"

    assert told(right, subject=subject)[0] == f"--subject {subject}: {expected.format(python=python)}"


def test_overrides_leave_the_source_as_it_was() -> None:
    source = Source("lab.yaml", {"tickets": {"t": {"expire": 600}}}, {})

    changed = overrides.apply(source, ["t.expire=700"])

    assert source.data == {"tickets": {"t": {"expire": 600}}}
    assert changed.data == {"tickets": {"t": {"expire": 700}}}


_NAMES = st.text(alphabet="abcdefgh", min_size=1, max_size=4)
_SCALARS = st.one_of(st.integers(), _NAMES)


@settings(deadline=None)
@given(
    networks=st.dictionaries(_NAMES, st.dictionaries(_NAMES, _SCALARS, min_size=1), min_size=1),
    value=_SCALARS,
    data=st.data(),
)
def test_any_value_in_a_tree_can_be_replaced_and_nothing_else_changes(
    networks: dict[str, dict[str, Any]], value: object, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(networks)))
    key = data.draw(st.sampled_from(sorted(networks[name])))
    source = Source("lab.yaml", {"networks": networks}, {})

    changed = overrides.apply(source, [f"networks.{name}.{key}={value}"])

    expected = networks | {name: networks[name] | {key: value}}
    assert changed.problems == ()
    assert changed.data == {"networks": expected}
    assert changed.overrides == {("networks", name, key): f"--set networks.{name}.{key}={value}"}
