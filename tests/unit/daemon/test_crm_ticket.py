"""The words that crm_ticket is called with, and what its answers mean."""

from __future__ import annotations

import pytest

from boothlab.core.effects import WriteCib
from boothlab.core.events import CibTicket
from boothlab.daemon import crm_ticket
from boothlab.daemon.children import Ended


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def test_a_grant_is_written_with_all_that_booth_knows_in_one_call() -> None:
    effect = WriteCib(1, "ticketA", granted=True, owner=1379338081, expires_s=1700000600, term=7)

    assert crm_ticket.write(effect, "booth") == words(
        "crm_ticket -t ticketA -g --force -S owner --attr-value=1379338081 "
        "-S expires --attr-value=1700000600 -S term --attr-value=7 -S booth-cfg-name --attr-value=booth"
    )


def test_nobody_is_written_as_minus_one_and_cannot_be_taken_for_an_option() -> None:
    effect = WriteCib(1, "ticketA", granted=False, owner=-1, expires_s=0, term=0)
    call = crm_ticket.write(effect, "booth")

    assert call[3] == "-r"
    assert call[6:8] == ("owner", "--attr-value=-1")


def test_an_attributes_value_is_one_word_whatever_is_in_it() -> None:
    assert crm_ticket.attribute("T", "name", "'; reboot; '") == (
        *("crm_ticket", "-t", "T", "-S", "name", "--attr-value='; reboot; '"),
    )
    assert crm_ticket.attribute("T", "name", None) == words("crm_ticket -t T -D name")


TEXT = 'State XML:\n\n<ticket_state id="T" {}/>\n'
XML = """<pacemaker-result api-version="2.38" request="crm_ticket --output-as=xml -t T -q">
  <tickets>
    <ticket id="T" {}/>
  </tickets>
  <status code="0" message="OK"/>
</pacemaker-result>
"""


@pytest.mark.parametrize("form", [TEXT, XML])
@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (
            'granted="true" owner="1379338081" expires="1700000600" term="7" last-granted="3"',
            CibTicket(granted=True, owner=1379338081, expires_s=1700000600, term=7),
        ),
        ('granted="false" owner="-1"', CibTicket(granted=False, owner=-1)),
        ('granted="1" booth-cfg-name="booth"', CibTicket(granted=True)),
        ('granted="0"', CibTicket(granted=False)),
        ('standby="true" colour="a &amp; b"', CibTicket(attributes={"standby": "true", "colour": "a & b"})),
    ],
)
def test_a_ticket_is_read_from_either_form_of_output(form: str, attributes: str, expected: CibTicket) -> None:
    assert crm_ticket.parse(form.format(attributes), "T") == expected


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("", "not XML"),
        ("State XML:\n\n", "not XML"),
        ("<ticket_state", "not XML"),
        ("<tickets/>", "empty"),
        ('<ticket_state id="another" granted="true"/>', "empty"),
        (TEXT.format('owner="x"'), "owner of the ticket in the CIB is no number"),
    ],
)
def test_what_is_no_ticket_is_refused_with_the_reason(output: str, reason: str) -> None:
    with pytest.raises(crm_ticket.CibError, match=reason):
        crm_ticket.parse(output, "T")


def test_a_failure_is_told_with_the_call_and_the_last_thing_it_said() -> None:
    ended = Ended(102, "", "crm_ticket: first\ncrm_ticket: no connection\n")

    assert crm_ticket.failure(("crm_ticket", "-q"), ended) == (
        '"crm_ticket -q" failed, exit code 102 (crm_ticket: no connection)'
    )
    assert crm_ticket.failure(("crm_ticket",), Ended(0, "x")) == ""
