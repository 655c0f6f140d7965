"""A topology as text, its digest, and what differs between two."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boothlab.engine.topology.changes import UnreadableTopologyError, differences, digest, dump, parse
from boothlab.engine.topology.load import available, load
from boothlab.engine.topology.model import Topology


def _article(*overrides: str) -> Topology:
    return load("three-site", overrides=overrides).topology


@pytest.mark.parametrize("path", available(), ids=lambda path: path.stem)
def test_a_dumped_topology_comes_back_as_it_was(path: object) -> None:
    topology = load(str(path)).topology

    again = parse(dump(topology))

    assert again == topology
    assert digest(again) == digest(topology)
    assert "\n" not in dump(topology)


def test_options_that_were_not_written_stay_unwritten() -> None:
    """booth.conf gets only what was written; a dump must not turn defaults into that."""
    ticket = _article().tickets["apacheticket"]
    again = parse(dump(_article())).tickets["apacheticket"]

    assert (
        again.booth_options() == ticket.booth_options() == {"expire": 120, "acquire-after": 60, "timeout": 5}
    )


_DURATIONS = st.one_of(st.integers(1, 10**6), st.integers(1, 10**6).map("{}ms".format))
_TICKETS = st.fixed_dictionaries(
    {},
    optional={
        "expire": _DURATIONS,
        "acquire-after": _DURATIONS,
        "timeout": _DURATIONS,
        "retries": st.integers(3, 100),
        "renewal-freq": st.none() | _DURATIONS,
        "mode": st.sampled_from(["auto", "manual"]),
        "weights": st.none() | st.text(),
        "attr-prereq": st.lists(st.text(), max_size=2),
        "loss-policy": st.sampled_from([None, "fence", "stop", "freeze", "demote"]),
        "granted": st.none() | st.sampled_from(["A", "B"]),
    },
)


_DATA: dict[str, Any] = {
    "name": "base",
    "networks": {"a": {"subnet": "192.168.1.0/24"}},
    "sites": [{"name": "A", "network": "a", "address": "192.168.1.100", "nodes": {"a1": "192.168.1.101"}}],
}


def _with_ticket(options: dict[str, Any]) -> Topology:
    return Topology.model_validate(_DATA | {"tickets": {"t": options}})


@settings(deadline=None)
@given(_TICKETS)
def test_any_ticket_survives_dump_and_parse(options: dict[str, Any]) -> None:
    topology = _with_ticket(options)

    again = parse(dump(topology))

    assert again == topology
    assert again.tickets["t"].booth_options() == topology.tickets["t"].booth_options()


@settings(deadline=None)
@given(_TICKETS, _TICKETS)
def test_digests_are_equal_exactly_when_nothing_differs(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = _with_ticket(one), _with_ticket(other)

    assert (digest(first) == digest(second)) == (differences(first, second) == ())


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["apacheticket.expire=200"], ["tickets.apacheticket.expire: 120 -> 200"]),
        (["apacheticket.granted="], ["tickets.apacheticket.granted: A -> unset"]),
        (["sites.B.address=192.168.102.99"], ["sites.B.address: 192.168.102.100 -> 192.168.102.99"]),
        (
            ["resources.apachegroup.VIP.parameters.ip.A=192.168.101.9"],
            ["resources.apachegroup.VIP.parameters.ip.A: 192.168.101.110 -> 192.168.101.9"],
        ),
        (
            ["provision=direct", "booth.authentication=false"],
            ["provision: pcs -> direct", "booth.authentication: true -> false"],
        ),
        (
            ["distribution=debian12"],
            ['distribution: ["rocky9", "rocky8", "debian12"] -> ["debian12"]'],
        ),
        (["apacheticket.resources=[]"], ['tickets.apacheticket.resources: ["apachegroup"] -> []']),
        (
            ["sites.A.nodes={clusterA-1: 192.168.101.101, clusterA-3: 192.168.101.103}"],
            ["sites.A.nodes.clusterA-2: removed", "sites.A.nodes.clusterA-3: added"],
        ),
        (
            ["arbitrators=[{name: D, network: site-c, address: 192.168.100.100}]"],
            ["arbitrators.C: removed", "arbitrators.D: added"],
        ),
    ],
)
def test_differences_are_told_in_the_words_of_the_file(overrides: list[str], expected: list[str]) -> None:
    assert [*differences(_article(), _article(*overrides))] == expected


def test_the_order_of_resources_counts() -> None:
    old = _article()
    group = old.resources["apachegroup"]
    new = old.model_copy(update={"resources": {"apachegroup": group[::-1]}})

    assert differences(old, new) == ("resources.apachegroup: order WebSite, VIP -> VIP, WebSite",)
    assert digest(old) != digest(new)


@pytest.mark.parametrize(
    "override",
    [
        "description=other words",
        "apacheticket.retries=10",
        "booth={}",
        "apacheticket.expire='120'",
        "sites.A.nodes={clusterA-2: 192.168.101.102, clusterA-1: 192.168.101.101}",
    ],
)
def test_what_is_the_same_to_a_lab_is_no_difference(override: str) -> None:
    assert differences(_article(), _article(override)) == ()
    assert digest(_article()) == digest(_article(override))


@pytest.mark.parametrize("text", ["", "{}", '{"name": "x", "sights": []}'])
def test_a_text_of_another_version_is_told_with_what_to_do(text: str) -> None:
    with pytest.raises(UnreadableTopologyError, match="boothlab down"):
        parse(text)
