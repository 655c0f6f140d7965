"""A run as lines of text: one for each step that did anything."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from boothlab.core.codes import code_text
from boothlab.core.effects import Answer, Log, Remember, Send, WriteCib
from boothlab.core.events import Datagram, Request, Woken
from boothlab.core.wire import WireError, decode_header, decode_ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from boothlab.core.effects import Effect
    from boothlab.core.events import Event

    Step = tuple[int, str, Event | str, list[Effect]]


def lines(steps: Iterable[Step], names: Mapping[int, str]) -> list[str]:
    """Return steps as text, with members by their letters."""
    return [_line(step, names) for step in steps]


def _line(step: Step, names: Mapping[int, str]) -> str:
    now_us, name, event, effects = step
    told = ", ".join(_merge(_effect(each, names) for each in effects))
    return f"{now_us / 1000:12.3f} {name}  {_event(event, names)}" + (f"  ->  {told}" if told else "")


def _merge(texts: Iterable[str]) -> list[str]:
    """Write a broadcast once."""
    merged: dict[str, list[str]] = {}
    for text in texts:
        to, _, what = text.rpartition("<-")
        merged.setdefault(what, []).extend([to] if to else [])
    return [what + (f" to {''.join(to)}" if to else "") for what, to in merged.items()]


def _event(event: Event | str, names: Mapping[int, str]) -> str:
    match event:
        case str():
            return event.upper()
        case Datagram(data):
            return message(data, names)
        case Request(client, data):
            return f"client {client}: {message(data, names)}"
        case Woken():
            return "woken"
        case _:
            return str(event)


def _effect(effect: Effect, names: Mapping[int, str]) -> str:
    match effect:
        case Send(to, data):
            return f"{names.get(to, to)}<-{message(data, names)}"
        case Answer(client, data, final):
            return f"client {client}: {message(data, names)}{'.' if final else ' ...'}"
        case Remember(_, promise):
            voted, leader = names.get(promise.voted_for, "-"), names.get(promise.leader, "-")
            return f"remember term {promise.term} vote {voted} leader {leader} until {promise.lease_end_ms}"
        case WriteCib():
            verb = "grant" if effect.granted else "revoke"
            owner = names.get(effect.owner, effect.owner)
            return f"CIB {verb} owner {owner} term {effect.term} by {effect.deadline_ms}"
        case Log(note):
            return f'"{note}"'
        case _:
            return str(effect)


def message(data: bytes, names: Mapping[int, str]) -> str:
    """Return a message as text."""
    with suppress(WireError):
        header, _ = decode_header(data)
        text = f"{names.get(header.sender, '?')}:{code_text(header.command)}"
        text += f"/{code_text(header.request)}" if header.request else ""
        for name in ("reason", "result"):
            value = getattr(header, name)
            text += f" {code_text(value)}" if value else ""
        with suppress(WireError):
            ticket = decode_ticket(data)
            text += f" leader {names.get(ticket.leader, '-')} term {ticket.term} valid {ticket.valid}"
        return text + (f" #{header.options & 0xFFFF}" if header.options else "")
    return f"{len(data)} bytes"
