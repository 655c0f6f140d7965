"""booth.conf and its key: the same as pcs writes, and every option that a topology can say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from boothlab.engine import booth_conf
from boothlab.engine.files import HACLUSTER
from boothlab.engine.topology.load import load
from boothlab.engine.topology.model import BoothOptions, Ticket

if TYPE_CHECKING:
    from boothlab.engine.topology.model import Topology

PCS_WROTE = Path(__file__).parent / "data" / "granted-a" / "clusterA-1.pcs_booth_config.txt"


def rendered(**changes: object) -> list[str]:
    topology: Topology = load("three-site").topology
    return booth_conf.render(topology.model_copy(update=changes)).splitlines()


def with_ticket(**options: object) -> list[str]:
    lines = rendered(tickets={"t": Ticket.model_validate(options)})
    return lines[lines.index('ticket = "t"') + 1 :]


def parts(text: str) -> list[list[str]]:
    """Return the members, then each ticket with its options, whose order says nothing."""
    head, *tickets = text.split("ticket = ")
    return [head.splitlines(), *(sorted(ticket.splitlines()) for ticket in tickets)]


def test_the_articles_configuration_is_what_pcs_wrote() -> None:
    assert parts(booth_conf.render(load("three-site").topology)) == parts(PCS_WROTE.read_text())


@pytest.mark.parametrize(
    ("option", "value", "line"),
    [
        ("expire", 20, "expire = 20"),
        ("expire", "2000ms", "expire = 2000ms"),
        ("acquire-after", 0, "acquire-after = 0"),
        ("timeout", 2, "timeout = 2"),
        ("retries", 3, "retries = 3"),
        ("renewal-freq", 10, "renewal-freq = 10"),
        ("weights", "1,2,3", "weights = 1,2,3"),
        ("mode", "manual", "mode = manual"),
        ("before-acquire-handler", "/usr/bin/check now", "before-acquire-handler = /usr/bin/check now"),
    ],
)
def test_a_tickets_option_is_written_as_it_stands(option: str, value: object, line: str) -> None:
    assert with_ticket(**{option: value}) == [f"  {line}"]


def test_every_condition_on_attributes_has_its_own_line() -> None:
    conditions = ["auto ready eq yes", "manual load ne high"]

    assert with_ticket(**{"attr-prereq": conditions}) == [f"  attr-prereq = {each}" for each in conditions]


def test_what_was_not_written_is_left_to_booth() -> None:
    assert with_ticket() == []


def test_what_only_the_lab_knows_of_a_ticket_stays_out() -> None:
    assert with_ticket(**{"resources": ["apachegroup"], "loss-policy": "fence", "granted": "A"}) == []


def test_the_port_stands_before_the_members_that_it_applies_to() -> None:
    lines = rendered(booth=BoothOptions(port=4711, debug=3, maxtimeskew=300))
    first_member = lines.index("site = 192.168.101.100")

    assert {"port = 4711", "debug = 3", "maxtimeskew = 300"} < set(lines[:first_member])


def test_sites_come_before_arbitrators_in_the_topologys_order() -> None:
    lines = booth_conf.render(load("five-member").topology).splitlines()

    assert [line for line in lines if line.startswith(("site", "arbitrator"))] == [
        "site = 192.168.101.100",
        "site = 192.168.102.100",
        "site = 192.168.103.100",
        "arbitrator = 192.168.104.100",
        "arbitrator = 192.168.105.100",
    ]


def test_without_authentication_there_is_no_key_to_look_for() -> None:
    assert not [line for line in rendered(booth=BoothOptions(authentication=False)) if "authfile" in line]


@pytest.mark.parametrize(("authentication", "there"), [(True, True), (False, False)])
def test_what_a_distributions_booth_needs_beside_the_key_goes_with_the_key(
    authentication: bool, there: bool
) -> None:
    topology = load("three-site").topology
    options = BoothOptions(authentication=authentication)
    text = booth_conf.render(topology.model_copy(update={"booth": options}), {"enable-authfile": "yes"})

    assert ("enable-authfile = yes\n" in text) is there
    assert text.index("site = ") > text.find("enable-authfile")


def test_an_instance_of_another_name_has_files_of_that_name() -> None:
    topology = load("three-site-fast", overrides=["booth.name=geo"]).topology
    conf, key = booth_conf.files(topology, b"secret12")

    assert (conf.path, key.path) == ("/etc/booth/geo.conf", "/etc/booth/geo.key")
    assert "authfile = /etc/booth/geo.key\n" in str(conf.content)


def test_the_key_is_for_boothd_alone() -> None:
    _, key = booth_conf.files(load("three-site").topology, b"secret12")

    assert (key.content, key.mode, key.owner) == (b"secret12", 0o600, HACLUSTER)


def test_a_key_is_of_a_length_and_of_characters_that_booth_reads_whole() -> None:
    key = booth_conf.new_key()

    assert 8 <= len(key) <= 64
    assert key.isascii()
    assert key.isalnum()  # read the same way by every implementation


def test_each_lab_has_a_key_of_its_own() -> None:
    assert booth_conf.new_key() != booth_conf.new_key()
