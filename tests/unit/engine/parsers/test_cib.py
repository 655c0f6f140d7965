"""Tickets in the CIB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boothlab.engine.parsers import booth, cib
from boothlab.engine.parsers.cib import TicketState
from boothlab.engine.parsers.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable

SITE_A = booth.site_id("192.168.101.100")
SITE_B = booth.site_id("192.168.102.100")

GRANTED_AT_A = TicketState(
    "apacheticket", granted=True, owner=SITE_A, expires=1795341994, term=0, last_granted=1795341873
)


@pytest.mark.parametrize("file", ["ticket_state.xml", "crm_ticket.txt", "cib.xml"])
def test_the_same_ticket_is_read_from_the_query_from_crm_ticket_and_from_the_whole_cib(
    captured: Callable[[str, str], str], file: str
) -> None:
    assert cib.parse_tickets(captured("granted-a", f"clusterA-1.{file}")) == (GRANTED_AT_A,)


def test_a_revoked_ticket_belongs_to_nobody(captured: Callable[[str, str], str]) -> None:
    (ticket,) = cib.parse_tickets(captured("revoked", "clusterA-1.ticket_state.xml"))

    assert not ticket.granted
    assert ticket.owner == cib.NO_ONE


def test_the_follower_knows_the_leader(captured: Callable[[str, str], str]) -> None:
    (ticket,) = cib.parse_tickets(captured("granted-b", "clusterA-1.ticket_state.xml"))

    assert (ticket.granted, ticket.owner, ticket.term) == (False, SITE_B, 1)


def test_several_tickets_come_in_their_order() -> None:
    text = """<xpath-query>
  <ticket_state id="b" granted="true" owner="0" booth-cfg-name="booth" standby="true"/>
  <ticket_state id="a" granted="false"/>
</xpath-query>"""

    assert cib.parse_tickets(text) == (
        TicketState("b", granted=True, standby=True, owner=cib.LOST),
        TicketState("a", granted=False),
    )


def test_a_cib_without_tickets_has_none() -> None:
    assert cib.parse_tickets("") == ()
    assert cib.parse_tickets("State XML:\n\n") == ()


@pytest.mark.parametrize(
    ("attribute", "told"),
    [
        ('term="new"', "'new' is no number"),
        ('expires="-5"', "expires is no time"),
        ('expires="9e9"', "no number"),
    ],
)
def test_a_number_that_is_none_is_told(attribute: str, told: str) -> None:
    with pytest.raises(ParseError, match=told):
        cib.parse_tickets(f'<ticket_state id="t" granted="true" {attribute}/>', command="crm_ticket -t t -q")
