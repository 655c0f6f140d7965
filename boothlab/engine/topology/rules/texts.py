"""Texts of tickets, as booth.conf takes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from boothlab.engine.topology.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.topology.model import Ticket, Topology
    from boothlab.engine.topology.problems import Location

VALUE_BYTES_MAX: Final = 64
"""The longest value that booth.conf takes."""
_HANDLER_WORDS_MAX: Final = 15
_NAME: Final = re.compile(r"[A-Za-z0-9/-]{1,63}", re.ASCII)
_PREREQ: Final = re.compile(r"(auto|manual)\s+\S+\s+(eq|ne)\s+\S+")
_WEIGHTS: Final = re.compile(r"[+-]?\d+([,;:+ -]+\d+){0,15}", re.ASCII)


def names_suit_booth(topology: Topology) -> Iterator[Problem]:
    """Booth takes letters, digits, slashes and hyphens."""
    for name in topology.tickets:
        if _NAME.fullmatch(name) is None:
            remedy = "write letters, digits and hyphens, at most 63"
            yield Problem(("tickets", name), f"{name!r} is not a name for a ticket", remedy)


def texts_suit_booth_conf(topology: Topology) -> Iterator[Problem]:
    """Values are one short line without a quote in front, and have the form Booth parses."""
    for name, ticket in topology.tickets.items():
        place = ("tickets", name)
        for path, text, problem in (
            *_weights(place, ticket),
            *_handler(place, ticket),
            *_prerequisites(place, ticket),
        ):
            if problem is not None:
                yield problem
            if len(text.encode()) > VALUE_BYTES_MAX:
                message = f"is {len(text.encode())} bytes long, booth.conf takes {VALUE_BYTES_MAX}"
                yield Problem(path, message, "write something shorter")


_Text = tuple["Location", str, Problem | None]


def _weights(place: Location, ticket: Ticket) -> Iterator[_Text]:
    if ticket.weights is not None:
        path = (*place, "weights")
        good = _WEIGHTS.fullmatch(ticket.weights)
        problem = Problem(
            path, f"{ticket.weights!r} are not weights", "write whole numbers with commas: 1,2,3"
        )
        yield path, ticket.weights, None if good else problem


def _handler(place: Location, ticket: Ticket) -> Iterator[_Text]:
    if (handler := ticket.before_acquire_handler) is None:
        return
    path = (*place, "before-acquire-handler")
    words = handler.split()
    problem = None
    if not words or not handler.startswith("/") or not handler.isprintable():
        problem = Problem(
            path, f"{handler!r} is not a program", "write an absolute path and its arguments in one line"
        )
    elif len(words) > _HANDLER_WORDS_MAX:
        message = f"has {len(words)} words, Booth takes {_HANDLER_WORDS_MAX}"
        problem = Problem(path, message, "write fewer arguments, or a script that has them")
    yield path, handler, problem


def _prerequisites(place: Location, ticket: Ticket) -> Iterator[_Text]:
    for index, text in enumerate(ticket.attr_prereq):
        path = (*place, "attr-prereq", index)
        good = _PREREQ.fullmatch(text) and text.isprintable()
        remedy = "write GRANT NAME OPERATION VALUE, e.g. auto fit eq yes; auto or manual, eq or ne"
        yield path, text, None if good else Problem(path, f"{text!r} is not a condition", remedy)


PART: Final = (names_suit_booth, texts_suit_booth_conf)
