"""What the C daemon and its clients were recorded to say is read, and written, to the byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from unit.recordings import FILES, WRONG_KEY, Json, key_of, load, packets

from boothlab.core import auth, wire
from boothlab.core.codes import code_text
from boothlab.core.identity import site_id
from boothlab.core.messages import (
    AttributeMessage,
    Header,
    HeaderMessage,
    Message,
    TextMessage,
    TicketMessage,
)

if TYPE_CHECKING:
    from pathlib import Path


def read(packet: Json, *, signed: bool) -> Message:
    """Decode a message as what the recording says that it is."""
    data = bytes.fromhex(packet["hex"])
    fields = packet.get("decoded", packet)
    if "attribute" in fields:
        return wire.decode_attribute(data)
    if "text" in fields:
        return wire.decode_text(data, signed=signed)
    if "ticket" in fields:
        return wire.decode_ticket(data)
    return HeaderMessage(wire.decode_header(data)[0])


def code(value: int) -> str | int:
    return code_text(value) if value else 0


def header_fields(header: Header, length: int) -> Json:
    secs, usecs = divmod(header.stamp_us, 1_000_000)
    return {
        "from": header.sender,
        "cmd": code(header.command),
        "request": code(header.request),
        "options": header.options,
        "reason": code(header.reason),
        "result": code(header.result),
        "opts": header.opts,
        "secs": secs,
        "usecs": usecs,
        "length": length,
    }


def body_fields(message: Message) -> Json:
    match message:
        case TicketMessage():
            names = ("ticket", "leader", "term", "valid")
            return {name: getattr(message, name) for name in names}
        case AttributeMessage():
            return {"attribute": {name: getattr(message, name) for name in ("ticket", "name", "value")}}
        case TextMessage():
            return {"text": message.text.decode()}
        case HeaderMessage():
            return {}


def test_there_is_something_to_test_with() -> None:
    assert sum(len(packets(load(path))) for path in FILES) > 1500


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
class TestEachPacket:
    def test_decodes_to_the_recorded_fields(self, path: Path) -> None:
        recording = load(path)
        for packet in packets(recording):
            message = read(packet, signed=recording["key_hex"] is not None)
            length = wire.decode_header(bytes.fromhex(packet["hex"]))[1]
            found = header_fields(message.header, length) | body_fields(message)
            recorded = packet.get("decoded", packet)

            assert {name: found[name] for name in recorded if name in found} == {
                name: value for name, value in recorded.items() if name not in {"t", "src", "dst", "hex"}
            }, packet["hex"]

    def test_encodes_back_to_the_same_bytes(self, path: Path) -> None:
        recording = load(path)
        key = key_of(recording)
        for packet in packets(recording):
            if path.stem == WRONG_KEY and packet.get("role") == "request":
                continue
            message = read(packet, signed=key is not None)
            data = wire.encode(message, key=key, stamp_us=message.header.stamp_us)

            assert data.hex() == packet["hex"]

    def test_is_signed_as_its_configuration_says(self, path: Path) -> None:
        recording = load(path)
        key = key_of(recording)
        for packet in packets(recording) if key else []:
            data = bytes.fromhex(packet["hex"])
            at = wire.HEADER_SIZE if "text" in packet["decoded"] else None
            if path.stem == WRONG_KEY and packet.get("role") == "request":
                with pytest.raises(auth.AuthError, match="another key"):
                    auth.verify(data, key, at=at)
            else:
                auth.verify(data, key, at=at)


@pytest.mark.parametrize(
    "path", [each for each in FILES if "members" in load(each)], ids=lambda path: path.stem
)
def test_site_ids_are_those_that_the_members_gave_themselves(path: Path) -> None:
    for member in load(path)["members"]:
        assert site_id(member["address"]) == member["site_id"]


@pytest.mark.parametrize(
    "path", [each for each in FILES if "members" in load(each)], ids=lambda path: path.stem
)
def test_datagrams_of_real_members_are_all_fresh(path: Path) -> None:
    """Each receiver gets one copy of a broadcast; stamps mix two clocks and still pass."""
    recording = load(path)
    receivers: dict[str, auth.Stamps] = {}
    for packet in packets(recording) if recording["key_hex"] else []:
        if packet["transport"] == "udp":
            stamp_us = wire.decode_header(bytes.fromhex(packet["hex"]))[0].stamp_us
            now_us = int((recording["t0_unix"] + packet["t"]) * 1_000_000)
            stamps = receivers.setdefault(packet["dst"], auth.Stamps(600))

            assert stamps.accept(packet["src"], stamp_us, now_us) is auth.Verdict.ACCEPTED, packet["hex"]
