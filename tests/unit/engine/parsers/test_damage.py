"""Damaged output: every parser reads it or says what is wrong, and never does anything else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boothlab.engine.parsers import addresses, booth, cib, crm_mon, pcs
from boothlab.engine.parsers.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parents[1] / "data"

PARSERS: dict[str, Callable[[str], object]] = {
    "crm_mon.xml": crm_mon.parse,
    "ticket_state.xml": cib.parse_tickets,
    "crm_ticket.txt": cib.parse_tickets,
    "booth_list.txt": booth.parse_list,
    "booth_peers.txt": booth.parse_peers,
    "booth_status.txt": booth.parse_status,
    "journal.txt": booth.parse_log,
    "pcs_booth_status.txt": pcs.parse_booth_status,
    "pcs_constraint_ticket.txt": pcs.parse_ticket_constraints,
    "pcs_status.txt": pcs.parse_status,
    "addresses.txt": addresses.parse_addresses,
}
CAPTURED = {
    name: sorted({text for path in DATA.glob(f"*/*.{name}") if (text := path.read_text())})
    for name in PARSERS
} | {"addresses.txt": ["1: lo    inet 127.0.0.1/8 scope host lo\n"]}


def reads_or_refuses(name: str, text: str) -> None:
    try:
        PARSERS[name](text)
    except ParseError as error:
        assert error.command  # noqa: PT017 - either outcome is right
        assert error.remedy  # noqa: PT017


@pytest.mark.parametrize("name", PARSERS)
def test_undamaged_output_is_read(name: str) -> None:
    assert CAPTURED[name]
    for text in CAPTURED[name]:
        if not text.startswith("Error:"):
            PARSERS[name](text)


@pytest.mark.parametrize("name", PARSERS)
def test_output_cut_off_anywhere(name: str) -> None:
    text = CAPTURED[name][0]
    for end in range(min(len(text), 4000)):
        reads_or_refuses(name, text[:end])


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_output_with_a_piece_replaced(name: str, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(CAPTURED[name]))
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 40)))
    filler = data.draw(
        st.text(max_size=30) | st.sampled_from(["\n", "<", '"', "-1", "9" * 30, "٣", "ticket: "])
    )

    reads_or_refuses(name, text[:begin] + filler + text[end:])


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=200))
def test_output_of_something_else(name: str, text: str) -> None:
    reads_or_refuses(name, text)
